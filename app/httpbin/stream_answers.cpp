// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/endpoints.h"
#include "httpbin/url.h"

#include <QByteArray>

#include <algorithm>
#include <cstdlib>
#include <random>

namespace sallyport::httpbin {

namespace {

constexpr long mostBytes = 100L << 20U; // large bodies are what a proxy's back-pressure is tested with
constexpr long mostLines = 100;
constexpr long longestDelayMs = 60'000;

long number(const PathArguments &arguments, long most)
{
    return std::clamp(std::strtol(arguments.front().c_str(), nullptr, 10), 0L, most);
}

std::string randomBytes(const Request &request, long size)
{
    std::mt19937 random(queryValue(request, "seed") ? static_cast<unsigned>(queryNumber(request, "seed", 0))
                                                    : std::random_device{}());
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::generate(bytes.begin(), bytes.end(), [&] { return static_cast<char>(random()); });
    return bytes;
}

} // namespace

Answer bytes(const Request &request, const PathArguments &arguments)
{
    return documentAnswer(200, "application/octet-stream",
                          randomBytes(request, number(arguments, mostBytes)));
}

Answer streamBytes(const Request &request, const PathArguments &arguments)
{
    const std::string all = randomBytes(request, number(arguments, mostBytes));
    const auto size =
        static_cast<std::size_t>(std::clamp(queryNumber(request, "chunk_size", 10240), 1L, mostBytes));
    Answer answer;
    answer.add("Content-Type", "application/octet-stream");
    answer.chunked = true;
    for (std::size_t at = 0; at < all.size(); at += size)
        answer.parts.push_back({{}, all.substr(at, size)});
    return answer;
}

Answer stream(const Request &request, const PathArguments &arguments)
{
    Answer answer;
    answer.add("Content-Type", "application/json");
    answer.chunked = true;
    const int lines = static_cast<int>(number(arguments, mostLines));
    for (int id = 0; id < lines; ++id)
        answer.parts.push_back({{}, echoStreamLine(request, id) + '\n'});
    return answer;
}

Answer drip(const Request &request, const PathArguments &)
{
    const long size = std::clamp(queryNumber(request, "numbytes", 10), 0L, mostBytes);
    const std::optional<std::string> seconds = queryValue(request, "duration");
    const std::optional<std::string> wait = queryValue(request, "delay");
    const auto milliseconds = [](const std::optional<std::string> &text, double fallback) {
        const double value = text ? std::strtod(text->c_str(), nullptr) : fallback;
        return std::clamp(static_cast<long>(value * 1000), 0L, longestDelayMs);
    };
    Answer answer;
    answer.status = static_cast<int>(std::clamp(queryNumber(request, "code", 200), 200L, 599L));
    answer.delay = std::chrono::milliseconds(milliseconds(wait, 2));
    answer.add("Content-Type", "application/octet-stream");
    answer.add("Content-Length", std::to_string(size));
    const long pause = size > 0 ? milliseconds(seconds, 2) / size : 0;
    if (pause == 0)
        answer.body.assign(static_cast<std::size_t>(size), '*');
    for (long i = 0; pause > 0 && i < size; ++i)
        answer.parts.push_back({std::chrono::milliseconds(pause), "*"});
    return answer;
}

Answer range(const Request &request, const PathArguments &arguments)
{
    const long size = number(arguments, mostBytes);
    const std::string etag = "range" + std::to_string(size);
    Answer answer;
    if (size == 0) {
        answer = documentAnswer(404, "text/html; charset=utf-8",
                                "number of bytes must be in the range (0, 102400]");
        answer.headers.insert(answer.headers.begin(), {{"ETag", etag}, {"Accept-Ranges", "bytes"}});
        return answer;
    }
    long first = 0;
    long last = size - 1;
    const std::string wanted = request.header("Range");
    if (wanted.starts_with("bytes=") && wanted.find('-') != std::string::npos) {
        const std::string left = wanted.substr(6, wanted.find('-') - 6);
        const std::string right = wanted.substr(wanted.find('-') + 1);
        if (left.empty() && !right.empty()) {
            first = std::max(0L, size - std::strtol(right.c_str(), nullptr, 10));
        } else if (!left.empty()) {
            first = std::strtol(left.c_str(), nullptr, 10);
            last = right.empty() ? last : std::strtol(right.c_str(), nullptr, 10);
        }
    }
    if (first > last || last >= size) {
        answer = documentAnswer(416, "text/html; charset=utf-8", {});
        answer.add("Content-Range", "bytes */" + std::to_string(size));
        return answer;
    }
    for (long i = first; i <= last; ++i)
        answer.body += static_cast<char>('a' + i % 26);
    answer.status = first == 0 && last == size - 1 ? 200 : 206;
    answer.add("Content-Type", "application/octet-stream");
    answer.add("ETag", etag);
    answer.add("Accept-Ranges", "bytes");
    answer.add("Content-Length", std::to_string(answer.body.size()));
    answer.add("Content-Range",
               "bytes " + std::to_string(first) + '-' + std::to_string(last) + '/' + std::to_string(size));
    return answer;
}

Answer base64(const Request &, const PathArguments &arguments)
{
    const auto decoded = QByteArray::fromBase64Encoding(QByteArray::fromStdString(arguments.front()),
                                                        QByteArray::Base64UrlEncoding);
    return documentAnswer(200, "text/html; charset=utf-8",
                          decoded ? decoded.decoded.toStdString() : "Incorrect Base64 data");
}

} // namespace sallyport::httpbin
