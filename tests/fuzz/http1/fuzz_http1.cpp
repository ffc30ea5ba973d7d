// SPDX-License-Identifier: GPL-3.0-or-later
// Whatever an HTTP/1 peer sends, to a server or to a client: the codec keeps its contract with its user.
#include "tests/fuzz/codec_user.h"

using namespace sallyport;
using namespace sallyport::http;

namespace {

CodecSettings settingsFor(unsigned char choice)
{
    CodecSettings settings;
    settings.enableTrailers = (choice & 1) != 0;
    settings.allowChunkedLength = (choice & 2) != 0;
    settings.acceptHttp10 = (choice & 4) != 0;
    settings.allowAbsoluteUrl = (choice & 8) == 0;
    settings.allowCustomMethods = (choice & 16) != 0;
    if ((choice & 32) != 0) {
        settings.maxHeadersKb = 1;
        settings.maxHeadersCount = 5;
    }
    settings.underscores = static_cast<dataplane::HeadersWithUnderscores>((choice >> 6) % 3);
    return settings;
}

void tryServer(FuzzInput &input)
{
    const CodecSettings settings = settingsFor(input.byte());
    FuzzServer user(input.byte());
    DeafConnection peer;
    const std::unique_ptr<ServerCodec> codec =
        makeServerCodec(Protocol::Http11, *peer.connection, user, settings, nullptr);
    peer.codec = codec.get();
    feedSlices(*codec, peer, input, [&user] { user.resume(); });
    codec->connectionEnded(ResetReason::ConnectionTermination, {});
    peer.codec = nullptr;
}

void tryClient(FuzzInput &input)
{
    const CodecSettings settings = settingsFor(input.byte());
    constexpr std::string_view methods[] = {"GET", "HEAD", "POST", "CONNECT"};
    const unsigned char request = input.byte();
    FuzzClient user;
    NoObserver observer;
    DeafConnection peer;
    const std::unique_ptr<ClientCodec> codec =
        makeClientCodec(Protocol::Http11, *peer.connection, observer, settings, nullptr);
    peer.codec = codec.get();
    user.begin(*codec, methods[request % 4], (request & 4) != 0 ? "websocket" : "");
    feedSlices(*codec, peer, input, [] {});
    codec->connectionEnded(ResetReason::ConnectionTermination, {});
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
    QCoreApplication::processEvents();
    return 0;
}
