// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/request_id.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace sallyport::server {

namespace {

using dataplane::FractionalPercent;
using http::HeaderMap;
using http::Known;

constexpr std::size_t UuidLength = 36;
/// Where a UUID tells its version, Envoy keeps why a request is traced.
constexpr std::size_t ReasonDigit = 14;

using Reason = TraceReason;

void mark(HeaderMap &request, Reason reason)
{
    const std::string_view given = request.get(Known::RequestId);
    if (given.size() != UuidLength || given[ReasonDigit] == static_cast<char>(reason))
        return;
    std::array<char, UuidLength> marked;
    std::copy(given.begin(), given.end(), marked.begin());
    marked[ReasonDigit] = static_cast<char>(reason);
    request.set(Known::RequestId, {marked.data(), marked.size()});
}

Reason markOf(std::string_view id)
{
    if (id.size() != UuidLength)
        return Reason::NotTraced;
    switch (const auto reason = static_cast<Reason>(id[ReasonDigit])) {
    case Reason::Sampled:
    case Reason::ServiceForced:
    case Reason::ClientForced:
        return reason;
    default:
        return Reason::NotTraced;
    }
}

/// The number that stands for the request in every decision about it, along its whole way.
std::optional<std::uint32_t> numberOf(std::string_view id)
{
    constexpr std::size_t digits = 8;
    std::uint32_t number = 0;
    if (id.size() < digits)
        return std::nullopt;
    const auto [end, error] = std::from_chars(id.data(), id.data() + digits, number, 16);
    return error == std::errc() && end == id.data() + digits ? std::optional(number) : std::nullopt;
}

bool falls(const FractionalPercent &share, std::uint64_t number)
{
    return number % share.denominatorValue() < share.numerator;
}

/// `tracing`'s shares are percentages with fractions.
double percentOf(const QJsonObject &tracing, const char *snake, const char *camel)
{
    QJsonValue share = tracing.value(QLatin1String(snake));
    if (share.isUndefined())
        share = tracing.value(QLatin1String(camel));
    return share.isObject() ? share.toObject().value(QLatin1String("value")).toDouble() : 100;
}

} // namespace

std::array<char, UuidLength> randomUuid(std::mt19937_64 &random)
{
    std::uint64_t high = random();
    std::uint64_t low = random();
    high = (high & ~0xF000ULL) | 0x4000ULL;
    low = (low & ~(0xC000ULL << 48U)) | (0x8000ULL << 48U);
    constexpr char digits[] = "0123456789abcdef";
    std::array<char, UuidLength> text;
    text.fill('-');
    std::size_t at = 0;
    const auto put = [&](std::uint64_t value, unsigned shift) {
        if (at == 8 || at == 13 || at == 18 || at == 23)
            ++at;
        text[at++] = digits[value >> shift & 0xFU];
    };
    for (unsigned shift = 64; shift > 0; shift -= 4)
        put(high, shift - 4);
    for (unsigned shift = 64; shift > 0; shift -= 4)
        put(low, shift - 4);
    return text;
}

void setRequestId(HeaderMap &request, const dataplane::HttpConnectionManager &configuration, bool edge,
                  std::mt19937_64 &random)
{
    if (!configuration.generateRequestId.value_or(true))
        return;
    if (request.get(Known::RequestId).empty() || (edge && !configuration.preserveExternalRequestId)) {
        const std::array<char, UuidLength> made = randomUuid(random);
        request.set(Known::RequestId, {made.data(), made.size()});
        return;
    }
    // The decision to trace is not believed when it comes from outside.
    if (edge && configuration.packTraceReason.value_or(true))
        mark(request, Reason::NotTraced);
}

std::optional<TraceDecision> TraceDecision::create(const dataplane::HttpConnectionManager &configuration)
{
    if (!configuration.tracing)
        return std::nullopt;
    const QJsonObject &tracing = *configuration.tracing;
    // Of what a client asks for, whole percents count only.
    TraceDecision decision;
    decision.m_client = {static_cast<std::uint32_t>(percentOf(tracing, "client_sampling", "clientSampling")),
                         dataplane::Denominator::Hundred};
    const auto exact = [&](const char *snake, const char *camel) {
        return FractionalPercent{
            static_cast<std::uint32_t>(std::lround(percentOf(tracing, snake, camel) * 100)),
            dataplane::Denominator::TenThousand};
    };
    decision.m_random = exact("random_sampling", "randomSampling");
    decision.m_overall = exact("overall_sampling", "overallSampling");
    decision.m_marks = configuration.packTraceReason.value_or(true);
    decision.m_byRequestId = configuration.useRequestIdForTraceSampling;
    return decision;
}

TraceReason TraceDecision::decide(HeaderMap &request, const dataplane::Route *route,
                                  std::mt19937_64 &random) const
{
    if (!m_byRequestId)
        return Reason::Sampled; // whoever comes next decides
    const std::optional<std::uint32_t> id = numberOf(request.get(Known::RequestId));
    if (!id)
        return Reason::NotTraced;
    constexpr std::uint64_t finest = 10'000;
    const std::uint64_t number = *id % finest;
    FractionalPercent client = m_client;
    FractionalPercent sampled = m_random;
    FractionalPercent overall = m_overall;
    if (route != nullptr && route->tracing) {
        const FractionalPercent all{100, dataplane::Denominator::Hundred};
        client = route->tracing->client.value_or(all);
        sampled = route->tracing->random.value_or(all);
        overall = route->tracing->overall.value_or(all);
    }
    const auto conclude = [&](Reason reason) {
        if (m_marks)
            mark(request, reason);
        return reason;
    };
    Reason reason = m_marks ? markOf(request.get(Known::RequestId)) : Reason::NotTraced;
    if (reason == Reason::NotTraced) {
        if (request.has(Known::ClientTraceId) && falls(client, random()))
            reason = conclude(Reason::ClientForced);
        else if (request.has(Known::EnvoyForceTrace))
            reason = conclude(Reason::ServiceForced);
        else if (falls(sampled, number))
            reason = conclude(Reason::Sampled);
    }
    if (reason != Reason::NotTraced && !falls(overall, number))
        reason = conclude(Reason::NotTraced);
    return reason;
}

} // namespace sallyport::server
