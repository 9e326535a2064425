/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_CONFIG_H
#define AGENT_CONFIG_H

#define AGENT_MAX_CHANNELS 12u /* what half of an 8 KiB EEPROM has room for at full field lengths */

#endif
