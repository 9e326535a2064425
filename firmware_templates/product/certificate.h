/* SPDX-License-Identifier: 0BSD */
/*
 * The product's one door to its identity: where it lies is the port's business, what it is called the SDK's (hal.h,
 * iotda.h, subdevices.h are all written on top of this).
 *
 * The return values are those of the vendor's HAL: the length of the text; negative when there is a reason not to have it.
 */
#ifndef CERTIFICATE_H
#define CERTIFICATE_H

#include "identity.h"
#include "store.h"

enum certificate_error {
    CERTIFICATE_TOO_LONG = -1,   /* the value does not fit; nothing of it was copied */
    CERTIFICATE_UNREADABLE = -2, /* the memory it lies in cannot be read */
    CERTIFICATE_NO_CHANNEL = -3, /* the board carries fewer */
};

/* Says where the identity is now; false: the board carries none. Asked each time, so a rewritten board needs no restart.
 * Once, at start-up. */
void certificate_comes_from(bool (*source)(struct identity_source *from));
/* The same, where it is what the agent stores: `&agent.store`, after agent_start. */
void certificate_comes_from_store(const struct store *store);

/* One field as text with its final 0; `size` bytes at `to`, all of which are written. 0 and "": none, or a blank board. */
int certificate_field(uint32_t channel, enum identity_field field, char *to, uint32_t size);
/* How many certificates there are besides the primary, channels 1 … n; 0 on a blank board. */
int certificate_channels(void);

#endif
