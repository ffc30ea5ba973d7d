// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/dns_name.h"

#include <string>

namespace sallyport::dataplane {

namespace {

std::string lowered(std::string_view text)
{
    std::string lower(text);
    for (char &c : lower)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return lower;
}

bool labelMatches(std::string_view label, std::string_view pattern)
{
    const auto star = pattern.find('*');
    if (star == std::string_view::npos || pattern.find('*', star + 1) != std::string_view::npos)
        return false;
    const auto before = pattern.substr(0, star);
    const auto after = pattern.substr(star + 1);
    return label.size() + 1 >= pattern.size() && label.substr(0, before.size()) == before &&
           label.substr(label.size() - after.size()) == after;
}

} // namespace

bool dnsNameMatches(std::string_view wanted, std::string_view certificateName)
{
    const std::string name = lowered(wanted);
    const std::string pattern = lowered(certificateName);
    if (name == pattern)
        return true;
    const auto nameDot = name.find('.');
    const auto patternDot = pattern.find('.');
    if (nameDot == std::string::npos || patternDot == std::string::npos ||
        name.substr(nameDot) != pattern.substr(patternDot))
        return false;
    const auto label = std::string_view(pattern).substr(0, patternDot);
    return pattern.find('*', patternDot) == std::string::npos && label.substr(0, 4) != "xn--" &&
           labelMatches(std::string_view(name).substr(0, nameDot), label);
}

} // namespace sallyport::dataplane
