// SPDX-License-Identifier: GPL-3.0-or-later
// The load of tests/bench: HTTP/1.1 over plaintext, TLS or mutual TLS from one thread, as fast as answers
// come or at a fixed rate, whose latencies count from the moment a request was due (so that a slow server
// cannot hide by slowing the client down); or TLS handshakes, full or resumed; or connections that only stay
// open. Prints a line when measuring begins, and one JSON object.
#include "tests/bench/load_connection.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>
#include <utility>

using namespace load;

namespace {

double sinceSeconds(Clock::time_point then)
{
    return std::chrono::duration<double>(Clock::now() - then).count();
}

bool isOver(const Run &run, double elapsed)
{
    if (run.options.count > 0)
        return std::cmp_greater_equal(run.counts.answers, run.options.count);
    return elapsed >= run.options.warmUp + run.options.seconds;
}

using Connections = std::vector<std::unique_ptr<Connection>>;

void wait(int epoll, std::chrono::nanoseconds most, std::vector<Connection *> &ready)
{
    epoll_event events[512];
    const auto left = std::max<std::int64_t>(most.count(), 0);
    const timespec limit{left / 1'000'000'000, left % 1'000'000'000};
    const int count = ::epoll_pwait2(epoll, events, 512, &limit, nullptr);
    ready.clear();
    for (int i = 0; i < count; ++i)
        ready.push_back(static_cast<Connection *>(events[i].data.ptr));
}

/// Whoever watches the proxy's processor time begins when this line comes.
void beginMeasuring(Run &run)
{
    run.measuring = true;
    std::puts("{\"measuring\": true}");
    std::fflush(stdout);
}

/// Opens all connections, a few at a time, each proved by one answer.
bool openAll(int epoll, Connections &connections)
{
    std::vector<Connection *> ready;
    std::set<Connection *> proved;
    std::size_t opened = 0;
    const auto begin = Clock::now();
    while (proved.size() < connections.size() && sinceSeconds(begin) < 60) {
        while (opened < connections.size() && opened < proved.size() + 50)
            connections[opened++]->open();
        wait(epoll, std::chrono::milliseconds(100), ready);
        for (Connection *connection : ready) {
            if (proved.contains(connection))
                continue;
            if (connection->advance())
                proved.insert(connection);
            else if (connection->state() == Connection::State::Idle)
                connection->send(Clock::now());
            else if (connection->state() == Connection::State::Dead)
                return false;
        }
    }
    return proved.size() == connections.size();
}

double runRequests(Run &run, int epoll, Connections &connections)
{
    std::vector<Connection *> ready;
    std::deque<Connection *> idle;
    std::deque<Clock::time_point> due;
    for (auto &connection : connections) {
        if (connection->state() == Connection::State::Dead)
            connection->open();
        else
            idle.push_back(connection.get());
    }
    const auto begin = Clock::now();
    const auto interval =
        run.options.rate > 0
            ? std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(1 / run.options.rate))
            : Clock::duration(0);
    auto next = begin;
    auto measuredFrom = begin;
    for (;;) {
        const double elapsed = sinceSeconds(begin);
        if (!run.measuring && elapsed >= run.options.warmUp) {
            beginMeasuring(run);
            measuredFrom = Clock::now();
        }
        if (isOver(run, elapsed))
            break;
        const auto now = Clock::now();
        if (run.options.rate > 0) {
            for (; next <= now; next += interval)
                due.push_back(next);
            while (!due.empty() && !idle.empty()) {
                idle.front()->send(due.front());
                idle.pop_front();
                due.pop_front();
            }
        } else {
            for (; !idle.empty(); idle.pop_front())
                idle.front()->send(now);
        }
        wait(epoll, run.options.rate > 0 ? next - Clock::now() : std::chrono::milliseconds(100), ready);
        for (Connection *connection : ready) {
            const bool wasIdle = connection->state() == Connection::State::Idle;
            const bool answered = connection->advance();
            if (connection->state() == Connection::State::Dead) {
                const auto at = std::find(idle.begin(), idle.end(), connection);
                if (at != idle.end())
                    idle.erase(at);
                connection->open();
            } else if (answered || (!wasIdle && connection->state() == Connection::State::Idle)) {
                idle.push_back(connection);
            }
        }
    }
    return sinceSeconds(measuredFrom);
}

double runHandshakes(Run &run, int epoll, Connections &connections, std::uint64_t &resumed)
{
    std::vector<Connection *> ready;
    for (auto &connection : connections)
        connection->open();
    const auto begin = Clock::now();
    auto measuredFrom = begin;
    while (!isOver(run, sinceSeconds(begin))) {
        if (!run.measuring && sinceSeconds(begin) >= run.options.warmUp) {
            beginMeasuring(run);
            measuredFrom = Clock::now();
        }
        wait(epoll, std::chrono::milliseconds(100), ready);
        for (Connection *connection : ready) {
            const bool answered = connection->advance();
            if (answered) {
                resumed += run.measuring && connection->resumed() ? 1 : 0;
                connection->close();
                connection->open();
            } else if (connection->state() == Connection::State::Idle) {
                connection->send(Clock::now());
            } else if (connection->state() == Connection::State::Dead) {
                connection->open();
            }
        }
    }
    return sinceSeconds(measuredFrom);
}

double percentile(std::vector<std::uint32_t> &sorted, double part)
{
    if (sorted.empty())
        return 0;
    return sorted[std::min(sorted.size() - 1,
                           static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

bool readOptions(Options &options, int argc, char *argv[])
{
    std::map<std::string, std::string *> texts{
        {"--mode", &options.mode}, {"--address", &options.address},  {"--host", &options.host},
        {"--path", &options.path}, {"--cert", &options.certificate}, {"--key", &options.key}};
    std::map<std::string, double *> numbers{
        {"--seconds", &options.seconds}, {"--warm-up", &options.warmUp}, {"--rate", &options.rate}};
    std::map<std::string, int *> integers{
        {"--port", &options.port}, {"--connections", &options.connections}, {"--count", &options.count}};
    std::map<std::string, bool *> switches{{"--tls", &options.tls}, {"--resume", &options.resume}};
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (const auto at = switches.find(name); at != switches.end()) {
            *at->second = true;
            continue;
        }
        if (++i == argc)
            return false;
        if (const auto text = texts.find(name); text != texts.end())
            *text->second = argv[i];
        else if (const auto number = numbers.find(name); number != numbers.end())
            *number->second = std::atof(argv[i]);
        else if (const auto integer = integers.find(name); integer != integers.end())
            *integer->second = std::atoi(argv[i]);
        else
            return false;
    }
    return options.port > 0;
}

} // namespace

int main(int argc, char *argv[])
{
    Run run;
    if (!readOptions(run.options, argc, argv)) {
        std::fputs(
            "load_generator --port N [--mode requests|handshakes|idle] [--address A] [--host H] [--path P]\n"
            "  [--connections N] [--seconds S | --count N] [--warm-up S] [--rate PER_SECOND] [--tls] "
            "[--resume]\n"
            "  [--cert FILE --key FILE]\n",
            stderr);
        return 2;
    }
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    makeContext(run);
    run.request = "GET " + run.options.path + " HTTP/1.1\r\nHost: " + run.options.host +
                  "\r\nUser-Agent: load\r\nAccept: */*\r\n\r\n";
    const int epoll = ::epoll_create1(EPOLL_CLOEXEC);
    Connections connections;
    for (int i = 0; i < run.options.connections; ++i)
        connections.push_back(std::make_unique<Connection>(run, epoll));
    double seconds = 0;
    std::uint64_t resumed = 0;
    if (run.options.mode == "handshakes") {
        seconds = runHandshakes(run, epoll, connections, resumed);
    } else {
        if (!openAll(epoll, connections)) {
            std::fputs("not every connection could be opened\n", stderr);
            return 1;
        }
        if (run.options.mode == "idle") {
            std::puts("{\"open\": true}");
            std::fflush(stdout);
            ::usleep(static_cast<useconds_t>(run.options.seconds * 1e6));
            return 0;
        }
        seconds = runRequests(run, epoll, connections);
    }
    std::sort(run.counts.latenciesUs.begin(), run.counts.latenciesUs.end());
    std::printf("{\"answers\": %llu, \"not200\": %llu, \"broken\": %llu, \"bytes\": %llu, \"resumed\": %llu, "
                "\"seconds\": %.3f, \"p50\": %.0f, \"p99\": %.0f, \"p999\": %.0f}\n",
                static_cast<unsigned long long>(run.counts.answers),
                static_cast<unsigned long long>(run.counts.not200),
                static_cast<unsigned long long>(run.counts.broken),
                static_cast<unsigned long long>(run.counts.bytes), static_cast<unsigned long long>(resumed),
                seconds, percentile(run.counts.latenciesUs, 0.5), percentile(run.counts.latenciesUs, 0.99),
                percentile(run.counts.latenciesUs, 0.999));
    return 0;
}
