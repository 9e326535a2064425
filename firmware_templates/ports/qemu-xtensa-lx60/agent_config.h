/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#define AGENT_MAX_CHANNELS 64u

#endif
