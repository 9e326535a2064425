/* SPDX-License-Identifier: 0BSD */
#include "flash_stm32.h"

#include "agent_config.h"
#include "bytes.h"

/* What is programmed at once. The families are told apart by what their HAL can program. */
#if defined(FLASH_TYPEPROGRAM_FLASHWORD) /* H7: 32 bytes with ECC, 16 on H7A3 and H7B3 */
#define UNIT (4u * FLASH_NB_32BITWORD_IN_FLASHWORD)
#elif defined(FLASH_TYPEPROGRAM_HALFWORD) /* F0 to F4, F7: no ECC */
#define UNIT 4u
#define PROGRAM_TYPE FLASH_TYPEPROGRAM_WORD
#elif defined(FLASH_TYPEPROGRAM_DOUBLEWORD) /* G0, G4, L4, WB, WL: 8 bytes with ECC */
#define UNIT 8u
#define PROGRAM_TYPE FLASH_TYPEPROGRAM_DOUBLEWORD
#else
#error "this family's flash is another one (L0 and L1 erase it to zeros): write program_unit and erase_page for it"
#endif

_Static_assert(IDENTITY_SLOT >= STORE_ROOM(UNIT), "an identity must fit its slot");
_Static_assert(IDENTITY_SLOT % IDENTITY_PAGE == 0u, "a slot is whole pages or sectors");

/* A Cortex-M7 may hold in its cache what was there before the cells were erased or programmed. */
static void forget_cached(uintptr_t address, uint32_t n)
{
#if defined(__DCACHE_PRESENT) && __DCACHE_PRESENT == 1
    uintptr_t first = address & ~(uintptr_t)31u;
    SCB_InvalidateDCache_by_Addr((uint32_t *)first, (int32_t)(address + n - first));
#else
    (void)address, (void)n;
#endif
}

/* Flash with ECC reports a double fault, as a torn record has it. H7: by a bus fault, ignored here, since the record's CRC
 * says the same. The others: by NMI, whose handler must not hang (README.md). */
static bool flash_read(uint32_t at, void *to, uint32_t n)
{
    uintptr_t address = IDENTITY_ADDRESS + at;

    forget_cached(address, n);
#ifdef FLASH_TYPEPROGRAM_FLASHWORD
    uint32_t masked = __get_FAULTMASK();
    SCB->CCR |= SCB_CCR_BFHFNMIGN_Msk;
    __set_FAULTMASK(1u);
    __DSB();
#endif
    bytes_copy(to, (const void *)address, n);
#ifdef FLASH_TYPEPROGRAM_FLASHWORD
    __DSB();
    __set_FAULTMASK(masked);
    SCB->CCR &= ~SCB_CCR_BFHFNMIGN_Msk;
#endif
    return true;
}

/* Left from the start, or from a debugger, an error flag would fail the first operation. */
static bool unlock(void)
{
    bool good = HAL_FLASH_Unlock() == HAL_OK;

#ifdef FLASH_FLAG_ALL_ERRORS
    __HAL_FLASH_CLEAR_FLAG(FLASH_FLAG_ALL_ERRORS);
#endif
    return good;
}

static bool is_erased(const uint8_t *unit)
{
    uint8_t all = 0xff;

    for (unsigned i = 0; i < UNIT; i++)
        all &= unit[i];
    return all == 0xff;
}

static bool program_unit(uint32_t address, const uint8_t *unit)
{
    bool good;
#ifdef FLASH_TYPEPROGRAM_FLASHWORD /* takes it from memory, by words */
    static uint32_t word[UNIT / 4u];

    bytes_copy(word, unit, UNIT);
    good = HAL_FLASH_Program(FLASH_TYPEPROGRAM_FLASHWORD, address, (uint32_t)(uintptr_t)word) == HAL_OK;
    bytes_wipe(word, sizeof word);
#else
    uint64_t word = 0;

    for (unsigned i = 0; i < UNIT; i++)
        word |= (uint64_t)unit[i] << (8 * i);
    good = HAL_FLASH_Program(PROGRAM_TYPE, address, word) == HAL_OK;
#endif
    return good;
}

/* A unit of ones is what erased cells hold; programming it would use up its ECC. */
static bool flash_program(uint32_t at, const void *from, uint32_t n)
{
    const uint8_t *b = from;
    bool good = unlock();

    for (uint32_t i = 0; good && i < n; i += UNIT)
        good = is_erased(b + i) || program_unit((uint32_t)IDENTITY_ADDRESS + at + i, b + i);
    HAL_FLASH_Lock();
    return good;
}

#ifdef IDENTITY_BANK_SIZE
static uint32_t bank_of(uint32_t offset)
{
#ifdef FLASH_BANK_2
    if (offset >= IDENTITY_BANK_SIZE)
        return FLASH_BANK_2;
#endif
    (void)offset;
    return FLASH_BANK_1;
}
#endif

/* `offset`: from the start of the chip's flash. Pages and sectors are counted anew in the second bank, but where IDENTITY_SECTOR
 * numbers them. */
static bool erase_page(uint32_t offset)
{
    uint32_t failed;
#if defined(IDENTITY_SECTOR)
    uint32_t first = (uint32_t)(IDENTITY_ADDRESS - FLASH_BASE);
    FLASH_EraseInitTypeDef erase = {.TypeErase = FLASH_TYPEERASE_SECTORS, .Banks = FLASH_BANK_1, .NbSectors = 1,
                                    .Sector = IDENTITY_SECTOR + (offset - first) / IDENTITY_PAGE,
                                    .VoltageRange = IDENTITY_VOLTAGE_RANGE};
#elif defined(FLASH_TYPEERASE_SECTORS)
    FLASH_EraseInitTypeDef erase = {.TypeErase = FLASH_TYPEERASE_SECTORS, .Banks = bank_of(offset), .NbSectors = 1,
                                    .Sector = offset % IDENTITY_BANK_SIZE / IDENTITY_PAGE};
#ifdef IDENTITY_VOLTAGE_RANGE
    erase.VoltageRange = IDENTITY_VOLTAGE_RANGE;
#endif
#elif defined(FLASH_TYPEPROGRAM_HALFWORD)
    FLASH_EraseInitTypeDef erase = {.TypeErase = FLASH_TYPEERASE_PAGES, .NbPages = 1,
                                    .PageAddress = (uint32_t)FLASH_BASE + offset};
#else
    FLASH_EraseInitTypeDef erase = {.TypeErase = FLASH_TYPEERASE_PAGES, .Banks = bank_of(offset), .NbPages = 1,
                                    .Page = offset % IDENTITY_BANK_SIZE / IDENTITY_PAGE};
#endif
    return HAL_FLASHEx_Erase(&erase, &failed) == HAL_OK;
}

static bool flash_erase(uint32_t at)
{
    bool good = unlock() && erase_page((uint32_t)(IDENTITY_ADDRESS - FLASH_BASE) + at);

    HAL_FLASH_Lock();
    return good;
}

const struct store_flash flash_stm32 = {
    .slot_size = IDENTITY_SLOT, .page = IDENTITY_PAGE, .unit = UNIT,
    .read = flash_read, .program = flash_program, .erase = flash_erase,
};
