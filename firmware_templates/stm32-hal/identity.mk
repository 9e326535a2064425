# SPDX-License-Identifier: 0BSD
# For a makefile as STM32CubeMX writes it: set IDENTITY to the folder that has agent, product and stm32-hal, then
# include this. The project provides stm32_hal.h, one line: #include "stm32g4xx_hal.h" (or whichever it is).
IDENTITY ?= firmware_templates
C_SOURCES += $(wildcard $(IDENTITY)/agent/*.c $(IDENTITY)/product/*.c $(IDENTITY)/stm32-hal/src/*.c)
C_INCLUDES += -I$(IDENTITY)/agent -I$(IDENTITY)/product -I$(IDENTITY)/stm32-hal/src
