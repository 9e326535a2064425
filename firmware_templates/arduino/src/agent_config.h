/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#ifndef AGENT_MAX_CHANNELS
#define AGENT_MAX_CHANNELS 0u /* an NVR's cameras; 296 bytes of RAM and of each slot for one */
#endif

#endif
