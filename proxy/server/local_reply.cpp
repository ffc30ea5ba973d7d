// SPDX-License-Identifier: GPL-3.0-or-later
#include "proxy/server/local_reply.h"

#include "proxy/net/tls_verifier.h"
#include "proxy/telemetry/grpc_status.h"

namespace sallyport::server {

namespace {

using http::Known;

/// As gRPC's HTTP/2 mapping percent-encodes messages.
std::string percentEncoded(std::string_view text)
{
    constexpr char digits[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte <= 0x7E && c != '%') {
            out += c;
        } else {
            out += '%';
            out += digits[byte >> 4U];
            out += digits[byte & 0xFU];
        }
    }
    return out;
}

} // namespace

Result<LocalReplies::Format> LocalReplies::makeFormat(const dataplane::FormatString &configuration)
{
    Format format;
    if (configuration.json) {
        Result<telemetry::JsonFormatter> json =
            telemetry::JsonFormatter::create(*configuration.json, configuration.omitEmptyValues);
        if (!json)
            return fail(json.error());
        format.json = *std::move(json);
        format.contentType = "application/json";
    } else {
        Result<telemetry::TextFormatter> text =
            telemetry::TextFormatter::create(configuration.text.value_or(""), configuration.omitEmptyValues);
        if (!text)
            return fail(text.error());
        format.text = *std::move(text);
        format.contentType = "text/plain";
    }
    if (!configuration.contentType.empty())
        format.contentType = configuration.contentType;
    return format;
}

std::string LocalReplies::Format::apply(const telemetry::LogContext &context) const
{
    if (json)
        return json->format(context) + '\n';
    return text ? text->format(context) : std::string();
}

Result<LocalReplies> LocalReplies::create(const std::optional<dataplane::LocalReplyConfig> &configuration)
{
    LocalReplies replies;
    if (!configuration)
        return replies;
    for (const dataplane::LocalReplyConfig::Mapper &from : configuration->mappers) {
        Mapper mapper{telemetry::LogFilter(from.filter), {}, {}, {}, false, {}, {}, {}};
        mapper.status = from.statusCode;
        if (from.body) {
            Result<std::string> body = net::readDataSource(*from.body);
            if (!body)
                return fail(body.error());
            mapper.body = *std::move(body);
        }
        if (!from.headersToAdd.empty()) {
            Result<telemetry::HeaderMutator> headers = telemetry::HeaderMutator::create(
                from.headersToAdd, {}, telemetry::HeaderMutator::Overwritten::AtEnd);
            if (!headers)
                return fail(headers.error());
            mapper.headers = std::make_shared<const telemetry::HeaderMutator>(*std::move(headers));
        }
        if (from.bodyFormat) {
            Result<Format> format = makeFormat(*from.bodyFormat);
            if (!format)
                return fail(format.error());
            mapper.hasFormat = true;
            mapper.text = std::move(format->text);
            mapper.json = std::move(format->json);
            mapper.contentType = std::move(format->contentType);
        }
        replies.m_mappers.push_back(std::move(mapper));
    }
    if (configuration->bodyFormat) {
        Result<Format> format = makeFormat(*configuration->bodyFormat);
        if (!format)
            return fail(format.error());
        replies.m_format = *std::move(format);
    }
    return replies;
}

PreparedReply LocalReplies::prepare(const filters::LocalReply &reply, const ReplyContext &context,
                                    telemetry::StreamInfo &info, const http::HeaderMap *request,
                                    const std::function<void(http::HeaderMap &)> &before) const
{
    PreparedReply prepared;
    prepared.headers = http::HeaderMap::create(http::HeaderMap::Kind::Response);
    http::HeaderMap &headers = *prepared.headers;
    unsigned status = reply.status;
    std::string body(reply.body);
    std::string contentType = "text/plain";
    headers.setStatus(status);
    before(headers);
    if (reply.modifyHeaders)
        reply.modifyHeaders(headers);

    info.responseCode = status;
    const auto formatContext = [&](std::string_view text) {
        return telemetry::LogContext{info, request, &headers, nullptr, text};
    };
    const std::optional<telemetry::TextFormatter> *text = m_format ? &m_format->text : nullptr;
    const std::optional<telemetry::JsonFormatter> *json = m_format ? &m_format->json : nullptr;
    if (m_format)
        contentType = m_format->contentType;
    bool ownType = false;
    for (const Mapper &mapper : m_mappers) {
        if (!mapper.filter.passes(formatContext(body)))
            continue;
        if (mapper.body)
            body = *mapper.body;
        if (mapper.headers) {
            mapper.headers->apply(headers, formatContext(body));
            ownType = headers.has(Known::ContentType);
        }
        if (mapper.status && *mapper.status != status) {
            status = *mapper.status;
            info.responseCode = status;
            headers.setStatus(status);
        }
        if (mapper.hasFormat) {
            text = &mapper.text;
            json = &mapper.json;
            contentType = mapper.contentType;
        }
        break;
    }
    const bool formatted = text != nullptr && (*text || *json);
    if (formatted)
        body = *json ? (*json)->format(formatContext(body)) + '\n' : (*text)->format(formatContext(body));

    if (context.grpc) {
        const unsigned grpc = reply.grpcStatus.value_or(telemetry::grpcStatusFor(status));
        headers.setStatus(200);
        headers.set(Known::ContentType, "application/grpc");
        headers.setNumber(Known::GrpcStatus, grpc);
        headers.remove(Known::ContentLength);
        // The line end that a JSON format adds is none of the message.
        if (formatted && *json && body.ends_with('\n'))
            body.pop_back();
        if (!body.empty() && !context.head)
            headers.set(Known::GrpcMessage, percentEncoded(body));
        return prepared;
    }
    if (body.empty()) {
        headers.remove(Known::ContentLength);
        headers.remove(Known::ContentType);
        return prepared;
    }
    headers.setNumber(Known::ContentLength, body.size());
    if ((formatted && !ownType) || !headers.has(Known::ContentType))
        headers.set(Known::ContentType, contentType);
    if (!context.head) {
        prepared.body = std::move(body);
        prepared.endsWithHeaders = false;
    }
    return prepared;
}

} // namespace sallyport::server
