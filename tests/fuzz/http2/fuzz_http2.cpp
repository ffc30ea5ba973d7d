// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever an HTTP/2 peer sends, to a server or to a client: the codec keeps its contract with its user.
#include "tests/fuzz/codec_user.h"

using namespace sallyport;
using namespace sallyport::http;

namespace {

constexpr std::string_view ClientPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::string_view EmptySettings("\0\0\0\4\0\0\0\0\0", 9);

CodecSettings settingsFor(unsigned char choice)
{
    CodecSettings settings;
    settings.http2StreamErrorOnInvalidMessage = (choice & 1) != 0;
    settings.allowConnect = (choice & 2) != 0;
    if ((choice & 4) != 0) {
        settings.maxHeadersKb = 1;
        settings.maxHeadersCount = 5;
    }
    if ((choice & 8) != 0) {
        settings.streamWindow = 65535;
        settings.connectionWindow = 65535;
        settings.maxConcurrentStreams = 2;
    }
    settings.underscores = static_cast<dataplane::HeadersWithUnderscores>((choice >> 4) % 3);
    return settings;
}

void tryServer(FuzzInput &input)
{
    const CodecSettings settings = settingsFor(input.byte());
    FuzzServer user(input.byte());
    DeafConnection peer;
    const std::unique_ptr<ServerCodec> codec =
        makeServerCodec(Protocol::Http2, *peer.connection, user, settings, nullptr);
    peer.codec = codec.get();
    net::Buffer opening;
    opening.append(ClientPreface);
    opening.append(EmptySettings);
    check(codec->dispatch(opening).ok());
    feedSlices(*codec, peer, input, [&user] { user.resume(); });
    codec->connectionEnded(ResetReason::ConnectionTermination, {});
    peer.codec = nullptr;
}

void tryClient(FuzzInput &input)
{
    const CodecSettings settings = settingsFor(input.byte());
    const unsigned char requests = input.byte();
    FuzzClient users[3];
    NoObserver observer;
    DeafConnection peer;
    const std::unique_ptr<ClientCodec> codec =
        makeClientCodec(Protocol::Http2, *peer.connection, observer, settings, nullptr);
    peer.codec = codec.get();
    users[0].begin(*codec, "GET", {});
    users[1].begin(*codec, (requests & 1) != 0 ? "HEAD" : "POST", {});
    users[2].begin(*codec, "GET", (requests & 2) != 0 ? "websocket" : "");
    feedSlices(*codec, peer, input, [] {});
    codec->connectionEnded(ResetReason::ConnectionTermination, {});
    for (const FuzzClient &user : users)
        check(user.isOver());
    peer.codec = nullptr;
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int *, char ***)
{
    prepareThread();
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char *data, std::size_t size)
{
    FuzzInput input(data, size);
    if ((input.byte() & 1) == 0)
        tryServer(input);
    else
        tryClient(input);
    // What was given away for deletion goes now.
    QCoreApplication::processEvents();
    return 0;
}
