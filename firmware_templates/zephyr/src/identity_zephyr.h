/* SPDX-License-Identifier: 0BSD */
#ifndef IDENTITY_ZEPHYR_H
#define IDENTITY_ZEPHYR_H

/* Each once, from main(); 0 or a negative errno. The getters of `product` read the identity of the one called last. */

/* Starts the agent's thread. -ENOSPC: the partition is too small; -EINVAL: no usable uid or program unit. */
int identity_agent_start(void);
/* Reads the subtree iot/. -ENOENT: there is no whole identity. */
int identity_settings_load(void);

#endif
