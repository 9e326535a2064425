/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in earlephilhower/arduino-pico at 6.0.0; the ESP32 core has the same. */
#pragma once

#include <stddef.h>
#include <stdint.h>

class Stream {
  public:
    virtual int available() = 0;
    virtual int read() = 0;
    virtual size_t write(uint8_t byte) = 0;
    virtual void flush() = 0;
};
void noInterrupts();
void interrupts();
void delay(unsigned long ms);

#ifdef ARDUINO_ARCH_RP2040
class RP2040 {
  public:
    void idleOtherCore();
    void resumeOtherCore();
    void reboot();
};
extern RP2040 rp2040;
#endif
