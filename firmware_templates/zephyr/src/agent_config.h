/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#define AGENT_MAX_CHANNELS ((unsigned)CONFIG_IDENTITY_MAX_CHANNELS)

#endif
