/* SPDX-License-Identifier: 0BSD */
#define AGENT_MAX_CHANNELS 0u /* this build has no room for cameras */
