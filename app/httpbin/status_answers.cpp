// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/endpoints.h"

#include <charconv>
#include <optional>
#include <random>

namespace sallyport::httpbin {

namespace {

constexpr std::string_view teapot = R"(
    -=[ teapot ]=-

       _...._
     .'  _ _ `.
    | ."` ^ `". _,
    \_;`"---"`|//
      |       ;/
      \_     _/
        `"""`
)";

struct Choice
{
    int code = 0;
    double weight = 1;
};

/// `200` or `200,500:3`: codes with optional weights.
std::optional<std::vector<Choice>> parseChoices(std::string_view text)
{
    std::vector<Choice> choices;
    while (!text.empty()) {
        const std::size_t comma = std::min(text.find(','), text.size());
        const std::string_view item = text.substr(0, comma);
        text.remove_prefix(std::min(comma + 1, text.size()));
        Choice choice;
        const std::size_t colon = std::min(item.find(':'), item.size());
        const auto [end, error] = std::from_chars(item.data(), item.data() + colon, choice.code);
        if (error != std::errc() || end != item.data() + colon || choice.code < 100 || choice.code > 999)
            return std::nullopt;
        if (colon < item.size())
            std::from_chars(item.data() + colon + 1, item.data() + item.size(), choice.weight);
        choices.push_back(choice);
    }
    return choices.empty() ? std::nullopt : std::optional(choices);
}

int choose(const std::vector<Choice> &choices)
{
    if (choices.size() == 1)
        return choices.front().code;
    thread_local std::mt19937 random{std::random_device{}()};
    std::vector<double> weights;
    weights.reserve(choices.size());
    for (const Choice &choice : choices)
        weights.push_back(choice.weight);
    return choices[std::discrete_distribution<std::size_t>(weights.begin(), weights.end())(random)].code;
}

} // namespace

Answer status(const Request &, const PathArguments &arguments)
{
    const std::optional<std::vector<Choice>> choices = parseChoices(arguments.front());
    if (!choices)
        return documentAnswer(400, "text/plain; charset=utf-8", "Invalid status code");
    Answer answer;
    answer.status = choose(*choices);
    switch (answer.status) {
    case 301:
    case 302:
    case 303:
    case 305:
    case 307:
        answer.add("location", "/redirect/1");
        break;
    case 304:
        break;
    case 401:
        answer.add("WWW-Authenticate", "Basic realm=\"Fake Realm\"");
        break;
    case 402:
        answer.body = "This costs something.";
        break;
    case 406:
        answer.add("Content-Type", "application/json");
        answer.body = "{\"message\": \"Client did not request a supported media type.\", \"accept\": "
                      "[\"image/webp\", \"image/svg+xml\", "
                      "\"image/jpeg\", \"image/png\", \"image/*\"]}";
        break;
    case 407:
        answer.add("Proxy-Authenticate", "Basic realm=\"Fake Realm\"");
        break;
    case 418:
        answer.add("x-more-info", "http://tools.ietf.org/html/rfc2324");
        answer.body = teapot;
        break;
    default:
        answer.add("Content-Type", "text/html; charset=utf-8");
        break;
    }
    return answer;
}

} // namespace sallyport::httpbin
