// SPDX-License-Identifier: GPL-3.0-or-later
#include "httpbin/server.h"

#include "httpbin/router.h"
#include "httpbin/url.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <ctime>
#include <iostream>
#include <memory>

namespace sallyport::httpbin {

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::use_awaitable;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint64_t largestBody = 256U << 20U;
constexpr std::uint32_t largestHeader =
    256U << 10U; // proxies are tested with large headers; this must not be the limit

std::string httpDate()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[40];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

std::string upperCase(std::string_view text)
{
    std::string upper(text);
    for (char &c : upper)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return upper;
}

Request toRequest(const http::request<http::string_body> &message, const std::string &remote, bool tls)
{
    Request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    std::string_view target = request.target;
    if (target.starts_with("http://") || target.starts_with("https://")) {
        const std::size_t path = target.find('/', target.find("//") + 2);
        target = path == std::string_view::npos ? "/" : target.substr(path);
    }
    target = target.substr(0, target.find('#'));
    const std::size_t question = target.find('?');
    request.path = percentDecode(target.substr(0, question), false);
    if (request.path.starts_with("//"))
        request.path.erase(0, std::min(request.path.find_first_not_of('/'), request.path.size()) - 1);
    request.query =
        question == std::string_view::npos ? std::string() : std::string(target.substr(question + 1));
    for (const auto &field : message)
        request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    request.body = message.body();
    request.remoteAddress = remote;
    request.tls = tls;
    return request;
}

bool mayHaveBody(int status)
{
    return status >= 200 && status != 204 && status != 304;
}

std::string headText(const Answer &answer, bool keepAlive, bool chunked)
{
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + ' ' +
                       upperCase(reasonPhrase(answer.status)) +
                       "\r\nServer: gunicorn\r\nDate: " + httpDate() +
                       "\r\nConnection: " + (keepAlive ? "keep-alive" : "close") + "\r\n";
    if (chunked)
        head += "Transfer-Encoding: chunked\r\n";
    bool hasLength = chunked || !mayHaveBody(answer.status);
    for (const auto &[name, value] : answer.headers) {
        head += name + ": " + value + "\r\n";
        hasLength = hasLength || name == "Content-Length";
    }
    if (!hasLength)
        head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
    return head + "\r\n";
}

std::string chunk(const std::string &bytes)
{
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    return size + bytes + "\r\n";
}

asio::awaitable<void> pause(std::chrono::milliseconds time)
{
    if (time.count() <= 0)
        co_return;
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(use_awaitable);
}

template<typename Stream>
asio::awaitable<void> sendAnswer(Stream &stream, const Answer &answer, bool keepAlive, bool head)
{
    co_await pause(answer.delay);
    const bool bodyless = head || !mayHaveBody(answer.status);
    const bool chunked = answer.chunked && mayHaveBody(answer.status);
    std::string first = headText(answer, keepAlive, chunked);
    if (!bodyless)
        first += answer.body;
    co_await asio::async_write(stream, asio::buffer(first), use_awaitable);
    if (bodyless)
        co_return;
    for (const BodyPart &part : answer.parts) {
        co_await pause(part.delay);
        const std::string bytes = chunked ? chunk(part.bytes) : part.bytes;
        co_await asio::async_write(stream, asio::buffer(bytes), use_awaitable);
    }
    if (chunked)
        co_await asio::async_write(stream, asio::buffer(std::string_view("0\r\n\r\n")), use_awaitable);
}

/// One connection, request after request; returns when either side is done with it.
template<typename Stream>
asio::awaitable<void> converse(Stream &stream, std::string remote, bool tls)
{
    boost::beast::flat_buffer buffer;
    for (bool keepAlive = true; keepAlive;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(largestBody);
        parser.header_limit(largestHeader);
        error_code error;
        co_await http::async_read_header(stream, buffer, parser, asio::redirect_error(use_awaitable, error));
        if (error == http::error::end_of_stream || (error && !parser.got_some()))
            co_return;
        if (!error && parser.get()[http::field::expect].to_string() == "100-continue")
            co_await asio::async_write(
                stream, asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), use_awaitable);
        if (!error)
            co_await http::async_read(stream, buffer, parser, asio::redirect_error(use_awaitable, error));
        if (error) {
            const Answer bad =
                documentAnswer(400, "text/html", "<html><body><h1>Bad Request</h1></body></html>\n");
            co_await sendAnswer(stream, bad, false, false);
            co_return;
        }
        const http::request<http::string_body> message = parser.release();
        keepAlive = message.keep_alive();
        const Request request = toRequest(message, remote, tls);
        co_await sendAnswer(stream, answerRequest(request), keepAlive, request.method == "HEAD");
    }
}

asio::awaitable<void> session(tcp::socket socket, asio::ssl::context *tls)
{
    error_code error;
    const std::string remote = socket.remote_endpoint(error).address().to_string();
    socket.set_option(tcp::no_delay(true), error);
    // An exception of a coroutine means that the peer went away: the session just ends.
    try {
        if (tls) {
            asio::ssl::stream<tcp::socket> stream(std::move(socket), *tls);
            co_await stream.async_handshake(asio::ssl::stream_base::server,
                                            asio::redirect_error(use_awaitable, error));
            if (error) {
                // A server that has read no further than the first bytes of plain HTTP closes with the rest
                // unread: the client sees a reset.
                if (ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_HTTP_REQUEST) {
                    stream.next_layer().set_option(asio::socket_base::linger(true, 0), error);
                    stream.next_layer().close(error);
                }
                co_return;
            }
            co_await converse(stream, remote, true);
            co_await stream.async_shutdown(asio::redirect_error(use_awaitable, error));
        } else {
            co_await converse(socket, remote, false);
            socket.shutdown(tcp::socket::shutdown_send, error);
        }
    } catch (const boost::system::system_error &) {
    }
}

asio::awaitable<void> acceptLoop(tcp::acceptor acceptor, asio::ssl::context *tls)
{
    while (true) {
        error_code error;
        tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(use_awaitable, error));
        if (error == asio::error::operation_aborted)
            co_return;
        if (error) {
            // Out of descriptors: let the others finish.
            co_await pause(std::chrono::milliseconds(50));
            continue;
        }
        asio::co_spawn(acceptor.get_executor(), session(std::move(socket), tls), asio::detached);
    }
}

tcp::acceptor listenOn(asio::io_context &context, const ListenSpec &spec)
{
    const tcp::endpoint endpoint(asio::ip::make_address(spec.address), spec.port);
    tcp::acceptor acceptor(context);
    acceptor.open(endpoint.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();
    return acceptor;
}

} // namespace

int serve(const ServerOptions &options, const std::function<void(const std::vector<std::string> &)> &onReady)
{
    asio::io_context context(1);
    asio::ssl::context tls(asio::ssl::context::tls_server);
    std::string subject = "the TLS certificate " + options.certificateFile;
    try {
        if (!options.certificateFile.empty()) {
            tls.use_certificate_chain_file(options.certificateFile);
            tls.use_private_key_file(options.keyFile.empty() ? options.certificateFile : options.keyFile,
                                     asio::ssl::context::pem);
        }
        std::vector<std::string> bound;
        for (const ListenSpec &spec : options.listen) {
            subject = spec.address + ':' + std::to_string(spec.port);
            tcp::acceptor acceptor = listenOn(context, spec);
            const tcp::endpoint local = acceptor.local_endpoint();
            bound.push_back(local.address().to_string() + ':' + std::to_string(local.port()));
            asio::co_spawn(context, acceptLoop(std::move(acceptor), spec.tls ? &tls : nullptr),
                           asio::detached);
        }
        asio::signal_set signals(context, SIGTERM, SIGINT);
        signals.async_wait([&](const error_code &, int) { context.stop(); });
        onReady(bound);
        context.run();
    } catch (const boost::system::system_error &error) {
        std::cerr << "sallyport-httpbin: " << subject << ": " << error.what() << '\n';
        return 1;
    }
    return 0;
}

} // namespace sallyport::httpbin
