/* SPDX-License-Identifier: 0BSD */
/*
 * The vendors' consoles. A build takes one: -DCONSOLE_DIALECT=dialect_…; the others may be left out of it.
 *
 *     dialect                  station profile      writes with                        file
 *     dialect_alios_linkkey_a  alios-linkkey-a      linkkey PK DN DS PS [productId]    dialect_alios.c
 *     dialect_alios_linkkey_b  alios-linkkey-b      linkkey [devid] PK DN DS PS        dialect_alios.c
 *     dialect_at_idmau         at-idmau             AT+IDMAU="PK","DN","DS","PS"       dialect_idmau.c
 *     dialect_at_idmau_w800    at-idmau-w800        AT+IDMAU="PK","DN","DS","PS","ID"  dialect_idmau.c
 *     dialect_mxchip_ilopset   mxchip-ilopset       AT+ILOPSET=PK,PS,DS,DN             dialect_ilopset.c
 *     dialect_hiflying_prodevice hiflying-prodevice AT+PRODEVICE=PK,DN,DS; +PROSECRET  dialect_prodevice.c
 *     dialect_esp_at_sysmfg    esp-at-sysmfg        AT+SYSMFG=2,"ns","key",7,n > data  dialect_sysmfg.c
 *     dialect_nordic_cmng      nordic-cmng          AT%CMNG=0,tag,type,"…"             dialect_cmng.c
 *     dialect_zephyr_settings  zephyr-settings      settings write name hex            dialect_settings.c
 */
#ifndef DIALECTS_H
#define DIALECTS_H

#include "console.h"

extern const struct dialect dialect_alios_linkkey_a, dialect_alios_linkkey_b, dialect_at_idmau, dialect_at_idmau_w800,
    dialect_mxchip_ilopset, dialect_hiflying_prodevice, dialect_esp_at_sysmfg, dialect_nordic_cmng,
    dialect_zephyr_settings;

/* What all AT firmwares answer. */
#define AT_OK "\r\nOK\r\n"
#define AT_ERROR "\r\nERROR\r\n"

/* Fields one after the other, with `between` between them. */
void dialect_say_fields(struct console *c, const char *between, const enum identity_field *fields, uint32_t n);

#endif
