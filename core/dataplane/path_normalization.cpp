// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dataplane/path_normalization.h"

#include <algorithm>
#include <cctype>
#include <vector>

namespace sallyport::dataplane {

namespace {

int hexValue(char c)
{
    const auto u = static_cast<unsigned char>(c);
    return std::isdigit(u) ? c - '0' : std::isxdigit(u) ? std::tolower(u) - 'a' + 10 : -1;
}

bool isUnreserved(int c)
{
    return std::isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/// Decodes `%2F` and `%5C`; true if there was any.
bool unescapeSlashes(std::string &path)
{
    std::string out;
    bool changed = false;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '%' && i + 2 < path.size()) {
            const int value = hexValue(path[i + 1]) * 16 + hexValue(path[i + 2]);
            if (hexValue(path[i + 1]) >= 0 && hexValue(path[i + 2]) >= 0 && (value == '/' || value == '\\')) {
                out += static_cast<char>(value);
                i += 2;
                changed = true;
                continue;
            }
        }
        out += path[i];
    }
    path = std::move(out);
    return changed;
}

/// Percent-decodes what needs no encoding, turns `\` into `/`. False on an encoded NUL.
bool decodeOrdinary(std::string &path)
{
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '\\') {
            out += '/';
            continue;
        }
        if (path[i] == '%' && i + 2 < path.size() && hexValue(path[i + 1]) >= 0 &&
            hexValue(path[i + 2]) >= 0) {
            const int value = hexValue(path[i + 1]) * 16 + hexValue(path[i + 2]);
            if (value == 0)
                return false;
            if (isUnreserved(value)) {
                out += static_cast<char>(value);
                i += 2;
                continue;
            }
        }
        out += path[i];
    }
    path = std::move(out);
    return true;
}

/// Resolves `.` and `..` segments (RFC 3986 §5.2.4); empty segments stay.
std::string withoutDotSegments(std::string_view path)
{
    std::vector<std::string_view> segments;
    bool directory = false;
    for (std::size_t at = path.starts_with('/') ? 1 : 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view segment = path.substr(at, end - at);
        at = end + 1;
        directory = false;
        if (segment == ".") {
            directory = true;
        } else if (segment == "..") {
            if (!segments.empty())
                segments.pop_back();
            directory = true;
        } else {
            segments.push_back(segment);
        }
    }
    std::string out;
    for (const std::string_view segment : segments) {
        out += '/';
        out += segment;
    }
    if (directory || out.empty())
        out += '/';
    return out;
}

std::string withMergedSlashes(std::string_view path)
{
    std::string out;
    for (const char c : path) {
        if (c != '/' || out.empty() || out.back() != '/')
            out += c;
    }
    return out;
}

} // namespace

PathOutcome normalizePath(std::string &path, const HttpConnectionManager &options)
{
    using Slashes = HttpConnectionManager::EscapedSlashes;
    if (const std::size_t fragment = path.find('#'); fragment != std::string::npos) {
        if (options.rejectsFragments)
            return PathOutcome::Rejected;
        path.resize(fragment);
    }
    const std::size_t question = std::min(path.find('?'), path.size());
    std::string bare = path.substr(0, question);
    bool redirect = false;
    if (options.escapedSlashes == Slashes::RejectRequest ||
        options.escapedSlashes == Slashes::UnescapeAndForward ||
        options.escapedSlashes == Slashes::UnescapeAndRedirect) {
        const bool found = unescapeSlashes(bare);
        if (found && options.escapedSlashes == Slashes::RejectRequest) {
            // The log shows what was found.
            path.replace(0, question, bare);
            return PathOutcome::Rejected;
        }
        redirect = found && options.escapedSlashes == Slashes::UnescapeAndRedirect;
    }
    if (options.normalizePath.value_or(false)) {
        if (!decodeOrdinary(bare))
            return PathOutcome::Rejected;
        bare = withoutDotSegments(bare);
    }
    if (options.mergeSlashes) {
        // `//` and `///` keep two: Envoy's split takes the first slash off before it joins the rest.
        const bool onlySlashes = bare.size() > 1 && bare.find_first_not_of('/') == std::string::npos;
        bare = onlySlashes ? "//" : withMergedSlashes(bare);
    }
    path.replace(0, question, bare);
    return redirect ? PathOutcome::Redirected : PathOutcome::Accepted;
}

} // namespace sallyport::dataplane
