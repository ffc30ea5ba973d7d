// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/editor/text_change.h"

#include <algorithm>

namespace sallyport::editor {

namespace {

bool isContinuation(char byte)
{
    return (static_cast<unsigned char>(byte) & 0xc0) == 0x80;
}

} // namespace

std::optional<yaml::TextEdit> changeBetween(std::string_view before, std::string_view after)
{
    if (before == after)
        return std::nullopt;
    const std::size_t shorter = std::min(before.size(), after.size());
    std::size_t head = 0;
    while (head < shorter && before[head] == after[head])
        ++head;
    while (head > 0 && ((head < before.size() && isContinuation(before[head])) ||
                        (head < after.size() && isContinuation(after[head]))))
        --head;
    std::size_t tail = 0;
    while (tail < shorter - head && before[before.size() - 1 - tail] == after[after.size() - 1 - tail])
        ++tail;
    while (tail > 0 && isContinuation(before[before.size() - tail]))
        --tail;
    return yaml::TextEdit{head, before.size() - tail,
                          std::string(after.substr(head, after.size() - tail - head))};
}

} // namespace sallyport::editor
