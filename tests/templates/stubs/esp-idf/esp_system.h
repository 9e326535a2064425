/* SPDX-License-Identifier: 0BSD */
/* Only what the template uses of the framework. Read in espressif/esp-idf at v6.0.2 (and the same in v5.0.9 to v5.5.5);
 * tests/firmware/real holds the functions against it. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    ESP_RST_UNKNOWN,
    ESP_RST_POWERON,
    ESP_RST_EXT,
    ESP_RST_SW,
    ESP_RST_PANIC,
    ESP_RST_INT_WDT,
    ESP_RST_TASK_WDT,
    ESP_RST_WDT,
    ESP_RST_DEEPSLEEP,
    ESP_RST_BROWNOUT,
} esp_reset_reason_t;

esp_reset_reason_t esp_reset_reason(void);
_Noreturn void esp_restart(void);

#ifdef __cplusplus
}
#endif
