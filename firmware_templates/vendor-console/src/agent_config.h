/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#define AGENT_MAX_CHANNELS 0u /* none of these consoles knows an NVR's set */

#endif
