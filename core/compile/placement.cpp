// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/compile/placement.h"

#include <QHostAddress>
#include <QString>
#include <set>

namespace sallyport::compile {

std::string Placement::local(const std::string &meshAddress) const
{
    if (const auto found = toLocal.find(meshAddress); found != toLocal.end())
        return found->second;
    if (meshAddress == "0.0.0.0" || meshAddress.compare(0, 4, "127.") == 0 || nowhere.empty())
        return meshAddress;
    return nowhere;
}

std::pair<std::string, std::uint32_t> parseCidr(const std::string &text)
{
    const std::size_t slash = text.find('/');
    const QHostAddress address(QString::fromStdString(text.substr(0, slash)));
    if (address.isNull())
        return {};
    const std::uint32_t whole = address.protocol() == QAbstractSocket::IPv6Protocol ? 128 : 32;
    if (slash == std::string::npos)
        return {text, whole};
    bool ok = false;
    const std::uint32_t length = QString::fromStdString(text.substr(slash + 1)).toUInt(&ok);
    if (!ok || length > whole)
        return {};
    return {text.substr(0, slash), length};
}

bool cidrContains(const std::string &cidr, const std::string &address)
{
    const auto [prefix, length] = parseCidr(cidr);
    if (prefix.empty())
        return false;
    return QHostAddress(QString::fromStdString(address))
        .isInSubnet(QHostAddress(QString::fromStdString(prefix)), static_cast<int>(length));
}

std::vector<std::pair<std::string, std::uint32_t>> Placement::localRanges(const std::string &cidr) const
{
    const auto range = parseCidr(cidr);
    std::vector<std::pair<std::string, std::uint32_t>> ranges;
    if (range.first.empty())
        return ranges;
    ranges.push_back(range);
    std::set<std::string> added;
    const auto add = [&](const std::string &mesh, const std::string &lab) {
        if (lab != mesh && cidrContains(cidr, mesh) && added.insert(lab).second)
            ranges.emplace_back(lab, 32);
    };
    for (const auto &[name, place] : instances)
        add(place.meshAddress, place.address);
    for (const auto &[mesh, lab] : toLocal)
        add(mesh, lab);
    return ranges;
}

} // namespace sallyport::compile
