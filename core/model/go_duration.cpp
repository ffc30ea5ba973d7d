// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/go_duration.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sallyport::model {

std::optional<Duration> parseDuration(std::string_view text)
{
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+'))
        text.remove_prefix(1);
    if (text == "0")
        return Duration::zero();
    if (text.empty())
        return std::nullopt;
    long double total = 0;
    while (!text.empty()) {
        const std::size_t digits = std::min(text.find_first_not_of("0123456789."), text.size());
        const std::string_view amountText = text.substr(0, digits);
        double amount = 0;
        const auto [end, error] =
            std::from_chars(amountText.data(), amountText.data() + amountText.size(), amount);
        if (error != std::errc() || end != amountText.data() + amountText.size())
            return std::nullopt;
        text.remove_prefix(digits);
        const std::size_t unitEnd = std::min(text.find_first_of("0123456789."), text.size());
        const std::string_view unit = text.substr(0, unitEnd);
        const long double scale = unit == "h"                                    ? 3600e9L
                                  : unit == "m"                                  ? 60e9L
                                  : unit == "s"                                  ? 1e9L
                                  : unit == "ms"                                 ? 1e6L
                                  : unit == "us" || unit == "µs" || unit == "μs" ? 1e3L
                                  : unit == "ns"                                 ? 1.0L
                                                                                 : 0.0L;
        if (scale == 0)
            return std::nullopt;
        total += amount * scale;
        text.remove_prefix(unitEnd);
    }
    constexpr long double longest = 9.2e18L;
    if (total > longest)
        return std::nullopt;
    const auto count = static_cast<std::int64_t>(std::llround(total));
    return Duration(negative ? -count : count);
}

} // namespace sallyport::model
