/* SPDX-License-Identifier: 0BSD */
#ifndef AGENT_STM32_H
#define AGENT_STM32_H

#include "agent_config.h"

/* Once, after the UART is initialised (115200, 8N1) and its interrupt enabled. The getters of `product` work from then on. */
void agent_stm32_start(UART_HandleTypeDef *uart);
/* From the main loop, as often as it goes round: answers what has come. */
void agent_stm32_run(void);
/* From HAL_UART_RxCpltCallback and HAL_UART_ErrorCallback, when they are about this UART. */
void agent_stm32_received(void);
void agent_stm32_line_error(void);

#endif
