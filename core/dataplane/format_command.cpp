// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/access_log_format.h"
#include "core/dataplane/cel_expression.h"
#include "core/result/ascii_case.h"

#include <algorithm>
#include <cctype>

namespace sallyport::dataplane {

namespace {

enum class Arguments { None, Optional, Required };

struct CommandRule
{
    std::string_view name;
    Arguments arguments;
    bool length;
};

// envoy-behaviour §1.3, sorted by name.
constexpr CommandRule rules[] = {
    {"ACCESS_LOG_TYPE", Arguments::None, false},
    {"BYTES_RECEIVED", Arguments::None, false},
    {"BYTES_RETRANSMITTED", Arguments::None, false},
    {"BYTES_SENT", Arguments::None, false},
    {"CEL", Arguments::Required, true},
    {"CLUSTER_METADATA", Arguments::Required, true},
    {"COALESCE", Arguments::Required, true},
    {"COMMON_DURATION", Arguments::Required, false},
    {"CONNECTION_ID", Arguments::None, false},
    {"CONNECTION_TERMINATION_DETAILS", Arguments::None, false},
    {"CUSTOM_FLAGS", Arguments::None, false},
    {"DOWNSTREAM_CX_RTT", Arguments::None, false},
    {"DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED", Arguments::None, false},
    {"DOWNSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", Arguments::None, false},
    {"DOWNSTREAM_DETECTED_CLOSE_TYPE", Arguments::None, false},
    {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS", Arguments::None, false},
    {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS_ENDPOINT_ID", Arguments::None, false},
    {"DOWNSTREAM_DIRECT_LOCAL_ADDRESS_WITHOUT_PORT", Arguments::Optional, false},
    {"DOWNSTREAM_DIRECT_LOCAL_PORT", Arguments::None, false},
    {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS", Arguments::None, false},
    {"DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT", Arguments::Optional, false},
    {"DOWNSTREAM_DIRECT_REMOTE_PORT", Arguments::None, false},
    {"DOWNSTREAM_HANDSHAKE_DURATION", Arguments::None, false},
    {"DOWNSTREAM_HEADER_BYTES_RECEIVED", Arguments::None, false},
    {"DOWNSTREAM_HEADER_BYTES_SENT", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_ADDRESS", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_ADDRESS_ENDPOINT_ID", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", Arguments::Optional, false},
    {"DOWNSTREAM_LOCAL_CLOSE_REASON", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_DNS_SAN", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_EMAIL_SAN", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_IP_SAN", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_OTHERNAME_SAN", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_PORT", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_SUBJECT", Arguments::None, false},
    {"DOWNSTREAM_LOCAL_URI_SAN", Arguments::None, false},
    {"DOWNSTREAM_PEER_CERT", Arguments::None, false},
    {"DOWNSTREAM_PEER_CERT_V_END", Arguments::Optional, true},
    {"DOWNSTREAM_PEER_CERT_V_START", Arguments::Optional, true},
    {"DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_1", Arguments::None, false},
    {"DOWNSTREAM_PEER_CHAIN_FINGERPRINTS_256", Arguments::None, false},
    {"DOWNSTREAM_PEER_CHAIN_SERIALS", Arguments::None, false},
    {"DOWNSTREAM_PEER_DNS_SAN", Arguments::None, false},
    {"DOWNSTREAM_PEER_EMAIL_SAN", Arguments::None, false},
    {"DOWNSTREAM_PEER_FINGERPRINT_1", Arguments::None, false},
    {"DOWNSTREAM_PEER_FINGERPRINT_256", Arguments::None, false},
    {"DOWNSTREAM_PEER_IP_SAN", Arguments::None, false},
    {"DOWNSTREAM_PEER_ISSUER", Arguments::None, false},
    {"DOWNSTREAM_PEER_ISSUER_FINGERPRINT_256", Arguments::None, false},
    {"DOWNSTREAM_PEER_ISSUER_SERIAL", Arguments::None, false},
    {"DOWNSTREAM_PEER_OTHERNAME_SAN", Arguments::None, false},
    {"DOWNSTREAM_PEER_SERIAL", Arguments::None, false},
    {"DOWNSTREAM_PEER_SUBJECT", Arguments::None, false},
    {"DOWNSTREAM_PEER_URI_SAN", Arguments::None, false},
    {"DOWNSTREAM_REMOTE_ADDRESS", Arguments::None, false},
    {"DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", Arguments::Optional, false},
    {"DOWNSTREAM_REMOTE_PORT", Arguments::None, false},
    {"DOWNSTREAM_TLS_CIPHER", Arguments::None, false},
    {"DOWNSTREAM_TLS_GROUP", Arguments::None, false},
    {"DOWNSTREAM_TLS_SESSION_ID", Arguments::None, false},
    {"DOWNSTREAM_TLS_VERSION", Arguments::None, false},
    {"DOWNSTREAM_TRANSPORT_FAILURE_REASON", Arguments::None, false},
    {"DOWNSTREAM_WIRE_BYTES_RECEIVED", Arguments::None, false},
    {"DOWNSTREAM_WIRE_BYTES_SENT", Arguments::None, false},
    {"DURATION", Arguments::None, false},
    {"DYNAMIC_METADATA", Arguments::Required, true},
    {"EMIT_TIME", Arguments::Optional, false},
    {"EMIT_TIME_LOCAL", Arguments::Optional, false},
    {"ENVIRONMENT", Arguments::Required, true},
    {"FILTER_CHAIN_NAME", Arguments::None, false},
    {"FILTER_STATE", Arguments::Required, true},
    {"GRPC_STATUS", Arguments::Optional, false},
    {"GRPC_STATUS_NUMBER", Arguments::None, false},
    {"HOSTNAME", Arguments::None, false},
    {"LISTENER_NAME", Arguments::None, false},
    {"LOCAL_REPLY_BODY", Arguments::None, false},
    {"METADATA", Arguments::Required, true},
    {"PACKETS_RETRANSMITTED", Arguments::None, false},
    {"PATH", Arguments::Optional, true},
    {"PROTOCOL", Arguments::None, false},
    {"QUERY_PARAM", Arguments::Required, true},
    {"QUERY_PARAMS", Arguments::Optional, true},
    {"REQ", Arguments::Required, true},
    {"REQUESTED_SERVER_NAME", Arguments::Optional, false},
    {"REQUEST_DURATION", Arguments::None, false},
    {"REQUEST_HEADER", Arguments::Required, true},
    {"REQUEST_HEADERS_BYTES", Arguments::None, false},
    {"REQUEST_TX_DURATION", Arguments::None, false},
    {"RESP", Arguments::Required, true},
    {"RESPONSE_CODE", Arguments::None, false},
    {"RESPONSE_CODE_DETAILS", Arguments::Optional, false},
    {"RESPONSE_DURATION", Arguments::None, false},
    {"RESPONSE_FLAGS", Arguments::None, false},
    {"RESPONSE_FLAGS_LONG", Arguments::None, false},
    {"RESPONSE_HEADER", Arguments::Required, true},
    {"RESPONSE_HEADERS_BYTES", Arguments::None, false},
    {"RESPONSE_TRAILER", Arguments::Required, true},
    {"RESPONSE_TRAILERS_BYTES", Arguments::None, false},
    {"RESPONSE_TX_DURATION", Arguments::None, false},
    {"ROUNDTRIP_DURATION", Arguments::None, false},
    {"ROUTE_NAME", Arguments::None, false},
    {"ROUTE_RESOLUTION_COUNT", Arguments::None, false},
    {"ROUTE_RESOLUTION_TIME_US", Arguments::None, false},
    {"SPAN_ID", Arguments::None, false},
    {"START_TIME", Arguments::Optional, false},
    {"START_TIME_LOCAL", Arguments::Optional, false},
    {"STREAM_ID", Arguments::None, false},
    {"STREAM_INFO_REQ", Arguments::Required, true},
    {"TLS_JA3_FINGERPRINT", Arguments::None, false},
    {"TLS_JA4_FINGERPRINT", Arguments::None, false},
    {"TRACE_ID", Arguments::None, false},
    {"TRAILER", Arguments::Required, true},
    {"UNIQUE_ID", Arguments::None, false},
    {"UPSTREAM_CLUSTER", Arguments::None, false},
    {"UPSTREAM_CLUSTER_RAW", Arguments::None, false},
    {"UPSTREAM_CONNECTION_ID", Arguments::None, false},
    {"UPSTREAM_CONNECTION_IDS_ATTEMPTED", Arguments::None, false},
    {"UPSTREAM_CONNECTION_POOL_READY_DURATION", Arguments::None, false},
    {"UPSTREAM_DECOMPRESSED_HEADER_BYTES_RECEIVED", Arguments::None, false},
    {"UPSTREAM_DECOMPRESSED_HEADER_BYTES_SENT", Arguments::None, false},
    {"UPSTREAM_DETECTED_CLOSE_TYPE", Arguments::None, false},
    {"UPSTREAM_FILTER_STATE", Arguments::Required, true},
    {"UPSTREAM_HEADER_BYTES_RECEIVED", Arguments::None, false},
    {"UPSTREAM_HEADER_BYTES_SENT", Arguments::None, false},
    {"UPSTREAM_HOST", Arguments::None, false},
    {"UPSTREAM_HOSTS_ATTEMPTED", Arguments::None, false},
    {"UPSTREAM_HOSTS_ATTEMPTED_WITHOUT_PORT", Arguments::None, false},
    {"UPSTREAM_HOST_NAME", Arguments::None, false},
    {"UPSTREAM_HOST_NAMES_ATTEMPTED", Arguments::None, false},
    {"UPSTREAM_HOST_NAMES_ATTEMPTED_WITHOUT_PORT", Arguments::None, false},
    {"UPSTREAM_HOST_NAME_WITHOUT_PORT", Arguments::None, false},
    {"UPSTREAM_LOCAL_ADDRESS", Arguments::None, false},
    {"UPSTREAM_LOCAL_ADDRESS_WITHOUT_PORT", Arguments::Optional, false},
    {"UPSTREAM_LOCAL_CLOSE_REASON", Arguments::None, false},
    {"UPSTREAM_LOCAL_DNS_SAN", Arguments::None, false},
    {"UPSTREAM_LOCAL_IP_SAN", Arguments::None, false},
    {"UPSTREAM_LOCAL_PORT", Arguments::None, false},
    {"UPSTREAM_LOCAL_URI_SAN", Arguments::None, false},
    {"UPSTREAM_METADATA", Arguments::Required, true},
    {"UPSTREAM_PEER_CERT", Arguments::None, false},
    {"UPSTREAM_PEER_CERT_V_END", Arguments::Optional, true},
    {"UPSTREAM_PEER_CERT_V_START", Arguments::Optional, true},
    {"UPSTREAM_PEER_DNS_SAN", Arguments::None, false},
    {"UPSTREAM_PEER_IP_SAN", Arguments::None, false},
    {"UPSTREAM_PEER_ISSUER", Arguments::None, false},
    {"UPSTREAM_PEER_SUBJECT", Arguments::None, false},
    {"UPSTREAM_PEER_URI_SAN", Arguments::None, false},
    {"UPSTREAM_PROTOCOL", Arguments::None, false},
    {"UPSTREAM_REMOTE_ADDRESS", Arguments::None, false},
    {"UPSTREAM_REMOTE_ADDRESS_ENDPOINT_ID", Arguments::None, false},
    {"UPSTREAM_REMOTE_ADDRESS_WITHOUT_PORT", Arguments::Optional, false},
    {"UPSTREAM_REMOTE_PORT", Arguments::None, false},
    {"UPSTREAM_REQUEST_ATTEMPT_COUNT", Arguments::None, false},
    {"UPSTREAM_SERVER_NAME", Arguments::None, false},
    {"UPSTREAM_TLS_CIPHER", Arguments::None, false},
    {"UPSTREAM_TLS_GROUP", Arguments::None, false},
    {"UPSTREAM_TLS_SESSION_ID", Arguments::None, false},
    {"UPSTREAM_TLS_VERSION", Arguments::None, false},
    {"UPSTREAM_TRANSPORT_FAILURE_REASON", Arguments::None, false},
    {"UPSTREAM_WIRE_BYTES_RECEIVED", Arguments::None, false},
    {"UPSTREAM_WIRE_BYTES_SENT", Arguments::None, false},
    {"VIRTUAL_CLUSTER_NAME", Arguments::None, false},
    {"XFCC_VALUE", Arguments::Required, true},
};

bool isHeaderName(std::string_view name)
{
    if (name.starts_with(':'))
        name.remove_prefix(1);
    return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) ||
               std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
    });
}

/// `X?Y`: at most one alternative, both header names.
Result<void> checkHeaderArguments(const FormatCommand &command)
{
    const std::size_t question = command.text.find('?');
    if (question != std::string::npos && command.text.find('?', question + 1) != std::string::npos)
        return fail("More than 1 alternative header specified in token: " + command.text);
    const std::string first = command.text.substr(0, question);
    if (!isHeaderName(first) ||
        (question != std::string::npos && !isHeaderName(command.text.substr(question + 1))))
        return fail("Invalid header configuration. Format string contains an illegal header name: " +
                    command.text);
    return {};
}

/// The arguments of commands that know a few words only; empty lists: anything goes.
Result<void> checkWords(const FormatCommand &command)
{
    struct Words
    {
        std::string_view command;
        std::initializer_list<std::string_view> known;
    };
    static const Words table[] = {
        {"PATH", {"", "WQ", "NQ"}},
        {"QUERY_PARAMS", {"", "ORIG", "DECODED"}},
        {"GRPC_STATUS", {"", "CAMEL_STRING", "SNAKE_STRING", "NUMBER"}},
        {"REQUESTED_SERVER_NAME", {"", "SNI_ONLY", "SNI_FIRST", "HOST_FIRST"}},
        {"METADATA",
         {"DYNAMIC", "CLUSTER", "ROUTE", "UPSTREAM_HOST", "LISTENER", "VIRTUAL_HOST",
          "LISTENER_FILTER_CHAIN"}},
    };
    const std::string_view text = command.text;
    const std::string_view first = text.substr(0, text.find(':'));
    const std::string_view rest = first.size() == text.size() ? "" : text.substr(first.size() + 1);
    for (const Words &words : table) {
        if (words.command != command.name)
            continue;
        if (std::find(words.known.begin(), words.known.end(), first) == words.known.end())
            return fail(command.name + " does not know " + command.text);
    }
    const bool path = command.name == "PATH";
    if ((path || command.name == "REQUESTED_SERVER_NAME") && !rest.empty() && rest != "ORIG" &&
        rest != (path ? "PATH" : "HOST") && rest != (path ? "ORIG_OR_PATH" : "ORIG_OR_HOST"))
        return fail(command.name + " does not know " + command.text);
    if (command.name == "COMMON_DURATION") {
        const std::size_t colon = rest.find(':');
        const std::string_view unit = colon == std::string_view::npos ? "ms" : rest.substr(colon + 1);
        if (rest.empty())
            return fail("COMMON_DURATION requires two points of time");
        if (unit != "ms" && unit != "us" && unit != "ns")
            return fail("Invalid common duration precision: " + std::string(unit) + '.');
    }
    if (command.name == "FILTER_STATE") {
        const std::string_view form = rest.substr(0, rest.find(':'));
        const bool known = rest.empty() || rest == "PLAIN" || rest == "TYPED" ||
                           (form == "FIELD" && rest.size() > form.size() + 1);
        if (!known)
            return fail("Invalid filter state serialize type, only support PLAIN/TYPED/FIELD.");
    }
    return {};
}

} // namespace

Result<void> checkFormatCommand(const FormatCommand &command)
{
    const auto *rule =
        std::lower_bound(std::begin(rules), std::end(rules), command.name,
                         [](const CommandRule &known, const std::string &name) { return known.name < name; });
    if (rule == std::end(rules) || rule->name != command.name)
        return fail("Not supported field in StreamInfo: " + command.name);
    if (rule->arguments == Arguments::None && (!command.text.empty() || command.maxLength))
        return fail(command.name + " does not take any parameters or length");
    if (rule->arguments == Arguments::Required && (!command.hasArguments || command.text.empty()))
        return fail(command.name + " requires parameters");
    if (!rule->length && command.maxLength)
        return fail(command.name + " does not allow length to be specified.");
    if (command.name == "REQ" || command.name == "RESP" || command.name == "TRAILER" ||
        command.name == "REQUEST_HEADER" || command.name == "RESPONSE_HEADER" ||
        command.name == "RESPONSE_TRAILER" || command.name == "STREAM_INFO_REQ")
        return checkHeaderArguments(command);
    const bool time = command.name.starts_with("START_TIME") || command.name.starts_with("EMIT_TIME") ||
                      command.name.ends_with("_V_START") || command.name.ends_with("_V_END");
    if (time &&
        (command.text.find("%n") != std::string::npos || command.text.find('\n') != std::string::npos))
        return fail("Invalid header configuration. Format string contains newline.");
    if (command.name == "COALESCE") {
        if (const Result<std::vector<FormatCommand>> commands = coalescedCommands(command.text); !commands)
            return fail(commands.error());
    }
    if (command.name == "CEL") {
        if (const Result<CelExpression> expression = CelExpression::parse(command.text); !expression)
            return fail(expression.error());
    }
    if (command.name == "XFCC_VALUE") {
        const std::string key = asciiLowered(command.text);
        constexpr std::string_view keys[] = {"by", "hash", "cert", "chain", "subject", "uri", "dns"};
        if (std::find(std::begin(keys), std::end(keys), key) == std::end(keys))
            return fail("XFCC_VALUE command does not support subcommand: " + command.text);
    }
    return checkWords(command);
}

} // namespace sallyport::dataplane
