/* SPDX-License-Identifier: 0BSD */
#pragma once

#include <Arduino.h>

extern "C" {
#include "hal.h"
#include "iotda.h"
#include "sign_on.h"
#include "subdevices.h"
}

/* Begins to answer the station on `line`, and lets the getters find the identity. False: this board has no place for it, or
 * no unique id. `line` is opened by the sketch, 115200, and not used for anything else. */
bool stationBegin(Stream &line);
/* From loop(), as often as it goes round: answers what has come. */
void stationLoop();
