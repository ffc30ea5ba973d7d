// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/trace_context.h"

#include <algorithm>
#include <charconv>

namespace sallyport::server {

namespace {

using http::HeaderMap;

constexpr std::size_t idDigits = 16;
constexpr std::size_t wideDigits = 32;
constexpr std::size_t traceparentLength = 55; // 2-32-16-2

constexpr std::string_view b3TraceId = "x-b3-traceid";
constexpr std::string_view b3SpanId = "x-b3-spanid";
constexpr std::string_view b3ParentId = "x-b3-parentspanid";
constexpr std::string_view b3Sampled = "x-b3-sampled";
constexpr std::string_view b3Single = "b3";
constexpr std::string_view traceParent = "traceparent";
constexpr std::string_view stateHeader = "tracestate";

std::optional<std::uint64_t> parseId(std::string_view text)
{
    std::uint64_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
    const bool isWhole = !text.empty() && error == std::errc() && end == text.data() + text.size();
    return isWhole ? std::optional(id) : std::nullopt;
}

bool parseTraceId(std::string_view text, TraceSpan &span)
{
    span.isWide = text.size() == wideDigits;
    const auto high = span.isWide ? parseId(text.substr(0, idDigits)) : std::optional<std::uint64_t>(0);
    const auto low = parseId(span.isWide ? text.substr(idDigits) : text);
    if (!high || !low)
        return false;
    span.traceHigh = *high;
    span.traceLow = *low;
    return true;
}

void appendId(std::string &out, std::uint64_t id)
{
    constexpr char digits[] = "0123456789abcdef";
    for (unsigned shift = 64; shift > 0; shift -= 4)
        out += digits[id >> (shift - 4) & 0xFU];
}

void replace(HeaderMap &headers, std::string_view name, std::string_view value)
{
    headers.remove(name);
    headers.add(name, value);
}

/// `trace-span[-sampled[-parent]]` or what was decided alone. `hasContext`: it names a span.
bool parseSingle(std::string_view text, TraceSpan &span, bool &hasContext)
{
    const auto decide = [&span](std::string_view flag) {
        span.isSampled = flag != "0";
        return flag == "0" || flag == "1" || flag == "d";
    };
    hasContext = text.size() > 1;
    if (!hasContext)
        return decide(text);
    const auto next = [&text] {
        const std::size_t dash = std::min(text.find('-'), text.size());
        const std::string_view part = text.substr(0, dash);
        text.remove_prefix(std::min(dash + 1, text.size()));
        return part;
    };
    const std::string_view trace = next();
    const std::string_view id = next();
    if ((trace.size() != idDigits && trace.size() != wideDigits) || !parseTraceId(trace, span) ||
        id.size() != idDigits)
        return false;
    const auto own = parseId(id);
    span.id = own.value_or(0);
    if (!own || (!text.empty() && !decide(next())))
        return false;
    if (text.empty())
        return true;
    span.parent = parseId(text);
    return text.size() == idDigits && span.parent;
}

/// W3C Trace Context, 3.2.
bool parseTraceparent(std::string_view text, TraceSpan &span)
{
    if (text.size() != traceparentLength || text[2] != '-' || text[35] != '-' || text[52] != '-')
        return false;
    const auto version = parseId(text.substr(0, 2));
    const auto flags = parseId(text.substr(53));
    const auto id = parseId(text.substr(36, idDigits));
    if (!version || !flags || !id || !parseTraceId(text.substr(3, wideDigits), span))
        return false;
    span.id = *id;
    span.isSampled = (*flags & 1U) != 0;
    return span.id != 0 && (span.traceHigh != 0 || span.traceLow != 0);
}

} // namespace

std::string TraceSpan::traceId() const
{
    std::string text;
    if (isWide)
        appendId(text, traceHigh);
    appendId(text, traceLow);
    return text;
}

std::string TraceSpan::spanId() const
{
    std::string text;
    appendId(text, id);
    return text;
}

TraceSpan TraceSpan::child(std::mt19937_64 &random) const
{
    TraceSpan own = *this;
    own.parent = id;
    own.id = random();
    return own;
}

void TraceSpan::inject(HeaderMap &request) const
{
    const std::string span = spanId();
    std::string parentText;
    if (parent)
        appendId(parentText, *parent);
    const char *sampled = isSampled ? "1" : "0";
    if (form == Form::B3Single) {
        std::string value = traceId() + '-' + span + '-' + sampled;
        if (parent)
            value += '-' + parentText;
        replace(request, b3Single, value);
    } else if (form == Form::B3) {
        replace(request, b3TraceId, traceId());
        replace(request, b3SpanId, span);
        if (parent)
            replace(request, b3ParentId, parentText);
        replace(request, b3Sampled, sampled);
    }
    if (form != Form::W3c && !withW3c)
        return;
    std::string wide;
    appendId(wide, traceHigh);
    appendId(wide, traceLow);
    replace(request, traceParent, "00-" + wide + '-' + span + '-' + (isSampled ? "01" : "00"));
    if (form == Form::W3c)
        replace(request, stateHeader, traceState);
}

TraceSpan Tracer::rootB3(bool sampled, std::mt19937_64 &random) const
{
    TraceSpan span;
    span.id = span.traceLow = random();
    span.isWide = m_configuration.traceId128Bit;
    if (span.isWide)
        span.traceHigh = random();
    span.isSampled = sampled;
    return span;
}

TraceSpan Tracer::joined(TraceSpan context, std::mt19937_64 &random) const
{
    return m_configuration.sharedSpanContext && m_isServer ? context : context.child(random);
}

std::optional<TraceSpan> Tracer::startB3(const HeaderMap &request, bool sampled,
                                         std::mt19937_64 &random) const
{
    TraceSpan context;
    context.isSampled = sampled;
    if (const std::string_view single = request.get(b3Single); !single.empty()) {
        bool hasContext = false;
        if (!parseSingle(single, context, hasContext))
            return std::nullopt;
        TraceSpan span = hasContext ? joined(context, random) : rootB3(context.isSampled, random);
        span.form = TraceSpan::Form::B3Single;
        return span;
    }
    if (const std::string_view flag = request.get(b3Sampled); !flag.empty())
        context.isSampled = flag == "1" || flag == "true";
    const std::string_view trace = request.get(b3TraceId);
    const std::string_view id = request.get(b3SpanId);
    if (trace.empty() || id.empty()) {
        TraceSpan foreign;
        if (m_configuration.withW3c && parseTraceparent(request.get(traceParent), foreign))
            return joined(foreign, random);
        return rootB3(context.isSampled, random);
    }
    const std::string_view parent = request.get(b3ParentId);
    const auto own = parseId(id);
    if (!own || !parseTraceId(trace, context))
        return std::nullopt;
    context.id = *own;
    if (!parent.empty() && !(context.parent = parseId(parent)))
        return std::nullopt;
    return joined(context, random);
}

std::optional<TraceSpan> Tracer::start(const HeaderMap &request, bool sampled, std::mt19937_64 &random) const
{
    if (m_configuration.kind == dataplane::TraceHeaders::Kind::B3) {
        std::optional<TraceSpan> span = startB3(request, sampled, random);
        if (span)
            span->withW3c = m_configuration.withW3c;
        return span;
    }
    TraceSpan span;
    if (request.find(traceParent) != nullptr) {
        TraceSpan context;
        if (!parseTraceparent(request.get(traceParent), context))
            return std::nullopt;
        span = context.child(random);
        span.isSampled = context.isSampled && sampled;
        std::string joined;
        span.traceState = request.getAll(stateHeader, joined);
    } else {
        span.id = random();
        span.traceHigh = random();
        span.traceLow = random();
        span.isSampled = sampled;
        span.isWide = true;
    }
    span.form = TraceSpan::Form::W3c;
    return span;
}

} // namespace sallyport::server
