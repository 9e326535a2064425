// SPDX-License-Identifier: GPL-3.0-or-later
// A flash of one NVS partition, worked on by ESP-IDF's own NVS code on this PC: see nvs_firmware.py, which compiles it.
// A command a line, answered by a line: an error number of ESP-IDF (0: done), then what was asked for, in hex.

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "nvs_storage.hpp"

extern "C" uint32_t esp_rom_crc32_le(uint32_t crc, const uint8_t *data, uint32_t size)
{
    crc = ~crc;
    while (size--) {
        crc ^= *data++;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

// NOR cells: erasing makes ones, a write only clears bits. The power goes after `left` writes and erases, the last of
// which still gets `torn` bytes through; a negative `left` is a supply that holds.
struct Flash : nvs::Partition {
    std::vector<uint8_t> cells;
    long left = -1;
    size_t torn = 0;

    size_t arriving(size_t size)
    {
        if (left < 0) return size;
        if (left == 0) return 0;
        return --left ? size : std::min(size, torn);
    }
    esp_err_t read_raw(size_t at, void *to, size_t size) override
    {
        if (at + size > cells.size()) return ESP_ERR_INVALID_SIZE;
        memcpy(to, cells.data() + at, size);
        return ESP_OK;
    }
    esp_err_t write_raw(size_t at, const void *from, size_t size) override
    {
        const size_t there = arriving(size);
        for (size_t i = 0; i < there; i++) cells[at + i] &= static_cast<const uint8_t *>(from)[i];
        return there == size ? ESP_OK : ESP_FAIL;
    }
    esp_err_t erase_range(size_t at, size_t size) override
    {
        const size_t there = arriving(size);
        std::fill_n(cells.begin() + at, there, 0xFF);
        return there == size ? ESP_OK : ESP_FAIL;
    }
    esp_err_t read(size_t at, void *to, size_t size) override { return read_raw(at, to, size); }
    esp_err_t write(size_t at, const void *from, size_t size) override { return write_raw(at, from, size); }
    const char *get_partition_name() override { return "nvs"; }
    uint32_t get_address() override { return 0; }
    uint32_t get_size() override { return cells.size(); }
    bool get_readonly() override { return false; }
};

static Flash flash;
static nvs::Storage *storage;

static std::string hex(const void *data, size_t size)
{
    static const char *digits = "0123456789abcdef";
    std::string text = "=";
    for (size_t i = 0; i < size; i++) {
        const uint8_t byte = static_cast<const uint8_t *>(data)[i];
        text += {digits[byte >> 4], digits[byte & 15]};
    }
    return text;
}

static std::vector<uint8_t> unhex(const std::string &text)
{
    std::vector<uint8_t> data;
    for (size_t i = 1; i + 1 < text.size(); i += 2) data.push_back(std::stoi(text.substr(i, 2), nullptr, 16));
    return data;
}

// A name: hex too, since a damaged one may hold anything.
static std::string name(std::istringstream &words)
{
    std::string text;
    words >> text;
    const auto data = unhex(text);
    return std::string(data.begin(), data.end());
}

static esp_err_t start()
{
    delete storage;
    storage = new (std::nothrow) nvs::Storage(&flash);
    return storage->init(0, flash.cells.size() / nvs::Page::SEC_SIZE);
}

static std::string load(std::istringstream &words)
{
    std::string path;
    words >> path;
    std::ifstream file(path, std::ios::binary);
    flash.cells.assign(std::istreambuf_iterator<char>(file), {});
    flash.left = -1;
    return std::to_string(start());
}

static std::string save(std::istringstream &words)
{
    std::string path;
    words >> path;
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char *>(flash.cells.data()), flash.cells.size());
    return "0";
}

static std::string set(std::istringstream &words)
{
    const std::string space = name(words), key = name(words);
    std::string value;
    int type = 0;
    uint8_t index = 0;
    words >> value >> type;
    const auto data = unhex(value);
    esp_err_t error = storage->createOrOpenNamespace(space.c_str(), true, index);
    if (error == ESP_OK)
        error = storage->writeItem(index, static_cast<nvs::ItemType>(type), key.c_str(), data.data(), data.size(), false);
    return std::to_string(error);
}

static std::string get(std::istringstream &words)
{
    const std::string space = name(words), key = name(words);
    int number = 0;
    uint8_t index = 0;
    words >> number;
    const auto type = static_cast<nvs::ItemType>(number);
    size_t size = number & 15;
    esp_err_t error = storage->createOrOpenNamespace(space.c_str(), false, index);
    if (error == ESP_OK && (type == nvs::ItemType::SZ || type == nvs::ItemType::BLOB))
        error = storage->getItemDataSize(index, type, key.c_str(), size);
    std::vector<uint8_t> value(size + 1);
    if (error == ESP_OK) error = storage->readItem(index, type, key.c_str(), value.data(), size);
    return std::to_string(error) + " " + (error == ESP_OK ? hex(value.data(), size) : "=");
}

static std::string erase(std::istringstream &words)
{
    const std::string space = name(words), key = name(words);
    uint8_t index = 0;
    esp_err_t error = storage->createOrOpenNamespace(space.c_str(), false, index);
    if (error == ESP_OK) error = storage->eraseItem(index, nvs::ItemType::ANY, key.c_str(), false);
    return std::to_string(error);
}

// namespace, key and type of all that an application would be shown, as hex and a number
static std::string list()
{
    std::string text = "0";
    nvs_opaque_iterator_t it{};
    it.type = NVS_TYPE_ANY;
    it.storage = storage;
    for (bool more = storage->findEntry(&it, nullptr); more; more = storage->nextEntry(&it)) {
        const auto &found = it.entry_info;
        text += " " + hex(found.namespace_name, strnlen(found.namespace_name, sizeof found.namespace_name));
        text += hex(found.key, strlen(found.key)) + "=" + std::to_string(found.type);
    }
    return text;
}

int main()
{
    std::string line;
    while (std::getline(std::cin, line)) {
        std::istringstream words(line);
        std::string verb;
        words >> verb;
        std::string answer = "-1";
        if (verb == "load") answer = load(words);
        if (verb == "save") answer = save(words);
        if (verb == "set") answer = set(words);
        if (verb == "get") answer = get(words);
        if (verb == "erase") answer = erase(words);
        if (verb == "list") answer = list();
        if (verb == "cut") {
            words >> flash.left >> flash.torn;
            answer = "0";
        }
        std::cout << answer << std::endl;
    }
}
