// SPDX-License-Identifier: GPL-3.0-or-later
// What the supervisor hears from the processes of a lab: frames of the control channel, an Envoy's
// statistics.
#include "proxy/control/envoy_stats.h"
#include "proxy/control/frame.h"
#include "proxy/control/messages.h"
#include "tests/fuzz/fuzz_input.h"

using namespace sallyport;

namespace {

QByteArray bytesOf(std::string_view text)
{
    return {text.data(), static_cast<qsizetype>(text.size())};
}

/// What was understood of a message is written and understood again.
void tryStats(const QCborMap &message)
{
    const QCborMap first = control::wire::statsMessage(control::wire::readStats(message));
    const QCborMap second = control::wire::statsMessage(control::wire::readStats(first));
    check(first.toCborValue().toCbor() == second.toCborValue().toCbor());
}

void tryFrames(FuzzInput &input)
{
    control::FrameReader reader;
    while (!input.atEnd()) {
        reader.append(bytesOf(input.take(input.byte() + 1U)));
        for (;;) {
            const Result<std::optional<QCborMap>> message = reader.next();
            if (!message)
                return;
            if (!*message)
                break;
            control::FrameReader echo;
            echo.append(control::frame(**message));
            const Result<std::optional<QCborMap>> same = echo.next();
            check(same && *same && (*same)->toCborValue().toCbor() == (*message)->toCborValue().toCbor());
            tryStats(**message);
        }
    }
}

void tryEnvoyStats(FuzzInput &input)
{
    control::EnvoyStats stats;
    const QByteArray first = bytesOf(input.part());
    if (!stats.next(first))
        return;
    const Result<control::StatsSnapshot> second = stats.next(bytesOf(input.rest()));
    check(!second || !second->first);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    FuzzInput input(data, size);
    if ((input.byte() & 1U) == 0)
        tryFrames(input);
    else
        tryEnvoyStats(input);
    return 0;
}
