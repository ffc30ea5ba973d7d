// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QJsonObject>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// Envoy's v3 API as C++ values. Names follow the protobuf messages; a field that is absent here is refused
/// at load. Everything is a plain value: copy it, compare it, hand it to another thread.
namespace sallyport::dataplane {

using Duration = std::chrono::nanoseconds;

/// envoy.config.core.v3.SocketAddress (or a Pipe, when `pipe` is set)
struct SocketAddress
{
    std::string address;
    std::uint32_t port = 0;
    std::string pipe;

    bool operator==(const SocketAddress &) const = default;
};

/// envoy.config.core.v3.CidrRange
struct CidrRange
{
    std::string addressPrefix;
    std::uint32_t prefixLen = 0;

    bool operator==(const CidrRange &) const = default;
};

/// envoy.config.core.v3.DataSource
struct DataSource
{
    std::string filename;
    std::optional<std::string> inlineString;
    std::optional<std::string> inlineBytes; ///< decoded
    std::string environmentVariable;

    bool isSet() const
    {
        return !filename.empty() || inlineString || inlineBytes || !environmentVariable.empty();
    }
    bool operator==(const DataSource &) const = default;
};

enum class Denominator { Hundred, TenThousand, Million };

/// envoy.type.v3.FractionalPercent
struct FractionalPercent
{
    std::uint32_t numerator = 0;
    Denominator denominator = Denominator::Hundred;

    std::uint32_t denominatorValue() const
    {
        return denominator == Denominator::Hundred       ? 100U
               : denominator == Denominator::TenThousand ? 10'000U
                                                         : 1'000'000U;
    }
    bool operator==(const FractionalPercent &) const = default;
};

/// envoy.config.core.v3.RuntimeFractionalPercent; the default value is what the static runtime made of it
struct RuntimeFractionalPercent
{
    std::optional<FractionalPercent> defaultValue;
    std::string runtimeKey;

    bool operator==(const RuntimeFractionalPercent &) const = default;
};

/// envoy.config.core.v3.RuntimeUInt32
struct RuntimeUInt32
{
    std::uint32_t defaultValue = 0;
    std::string runtimeKey;

    bool operator==(const RuntimeUInt32 &) const = default;
};

/// envoy.config.core.v3.RuntimeDouble
struct RuntimeDouble
{
    double defaultValue = 0;
    std::string runtimeKey;

    bool operator==(const RuntimeDouble &) const = default;
};

/// envoy.config.core.v3.HeaderValueOption.HeaderAppendAction
enum class HeaderAppendAction { AppendIfExistsOrAdd, AddIfAbsent, OverwriteIfExistsOrAdd, OverwriteIfExists };

/// envoy.config.core.v3.HeaderValueOption
struct HeaderValueOption
{
    std::string key;
    std::string value;
    HeaderAppendAction action = HeaderAppendAction::AppendIfExistsOrAdd;
    std::optional<bool> append; ///< the older form of `action`
    bool keepEmptyValue = false;

    bool operator==(const HeaderValueOption &) const = default;
};

/// One of the two (envoy.config.common.mutation_rules.v3.HeaderMutation).
struct HeaderMutation
{
    std::string remove; ///< a header's name
    std::optional<HeaderValueOption> append;

    bool operator==(const HeaderMutation &) const = default;
};

/// What four messages (routes, virtual hosts, route configurations, weighted clusters) do to headers.
struct HeaderMutations
{
    std::vector<HeaderValueOption> requestAdd;
    std::vector<std::string> requestRemove;
    std::vector<HeaderValueOption> responseAdd;
    std::vector<std::string> responseRemove;

    bool isEmpty() const
    {
        return requestAdd.empty() && requestRemove.empty() && responseAdd.empty() && responseRemove.empty();
    }
    bool operator==(const HeaderMutations &) const = default;
};

/// envoy.config.core.v3.Locality
struct Locality
{
    std::string region;
    std::string zone;
    std::string subZone;

    bool operator==(const Locality &) const = default;
};

/// envoy.config.core.v3.Metadata: filter name → struct
struct Metadata
{
    QJsonObject filters;

    bool operator==(const Metadata &) const = default;
};

/// envoy.config.core.v3.ProxyProtocolPassThroughTLVs: which TLVs of a PROXY header are kept
struct ProxyTlvSelection
{
    bool all = false;
    std::vector<std::uint32_t> types; ///< in place of `all`

    bool operator==(const ProxyTlvSelection &) const = default;
};

/// envoy.config.core.v3.ConfigSource, of which a watched file is what runs here
struct ConfigSource
{
    std::string path;
    std::string watchedDirectory;

    bool operator==(const ConfigSource &) const = default;
};

/// A typed_config that is carried along unchanged (Istio's own filters, extensions without effect here).
struct OpaqueConfig
{
    std::string typeUrl;
    QJsonObject value;

    bool operator==(const OpaqueConfig &) const = default;
};

} // namespace sallyport::dataplane
