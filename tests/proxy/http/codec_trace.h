// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "proxy/http/codec.h"

#include <memory>
#include <string>
#include <vector>

/// Headers as `name=value` in order, pseudo headers first.
inline std::string traced(const sallyport::http::HeaderMap &headers)
{
    std::string text;
    for (const auto &header : headers)
        text += (text.empty() ? "" : ",") + std::string(header.name) + '=' + std::string(header.value);
    return '{' + text + '}';
}

/// A server's user that writes down what the codec tells it. `answer`, when set, is called at the end of each
/// request.
struct ServerTrace final : sallyport::http::ServerConnectionCallbacks
{
    struct Request final : sallyport::http::RequestDecoder, sallyport::http::StreamCallbacks
    {
        Request(ServerTrace &owner, sallyport::http::ResponseEncoder &e)
            : trace(owner)
            , encoder(e)
        {
            e.stream().setCallbacks(this);
        }
        void decodeHeaders(sallyport::http::HeaderMapPtr map, bool end) override
        {
            trace.text += "headers" + traced(*map) + (end ? "! " : " ");
            headers = std::move(map);
            if (end)
                finish();
        }
        void decodeData(sallyport::net::Buffer &data, bool end) override
        {
            trace.text += "data[" + data.toString() + ']' + (end ? "! " : " ");
            data.clear();
            if (end)
                finish();
        }
        void decodeTrailers(sallyport::http::HeaderMapPtr map) override
        {
            trace.text += "trailers" + traced(*map) + "! ";
            finish();
        }
        void sendLocalReply(unsigned status, std::string_view body, std::string_view details) override
        {
            trace.text += "reply " + std::to_string(status) + ' ' + std::string(body) + ' ' +
                          std::string(details) + ' ';
        }
        void onResetStream(sallyport::http::ResetReason reason, std::string_view) override
        {
            trace.text += "reset " + std::string(sallyport::http::resetReasonText(reason)) + ' ';
            resetDetails = encoder.stream().responseDetails();
        }
        void onAboveWriteBufferHighWatermark() override {}
        void onBelowWriteBufferLowWatermark() override {}
        void finish()
        {
            if (trace.answer)
                trace.answer(*this);
        }

        ServerTrace &trace;
        sallyport::http::ResponseEncoder &encoder;
        sallyport::http::HeaderMapPtr headers;
        std::string resetDetails;
    };

    sallyport::http::RequestDecoder &newStream(sallyport::http::ResponseEncoder &encoder) override
    {
        requests.push_back(std::make_unique<Request>(*this, encoder));
        return *requests.back();
    }

    std::vector<std::unique_ptr<Request>> requests;
    std::function<void(Request &)> answer;
    std::string text;
};

struct ClientTrace final : sallyport::http::ResponseDecoder, sallyport::http::StreamCallbacks
{
    void decodeInformational(sallyport::http::HeaderMapPtr headers) override
    {
        text += "interim" + traced(*headers) + ' ';
    }
    void decodeHeaders(sallyport::http::HeaderMapPtr headers, bool end) override
    {
        text += "headers" + traced(*headers) + (end ? "! " : " ");
    }
    void decodeData(sallyport::net::Buffer &data, bool end) override
    {
        text += "data[" + data.toString() + ']' + (end ? "! " : " ");
        data.clear();
    }
    void decodeTrailers(sallyport::http::HeaderMapPtr headers) override
    {
        text += "trailers" + traced(*headers) + "! ";
    }
    void onResetStream(sallyport::http::ResetReason reason, std::string_view) override
    {
        text += "reset " + std::string(sallyport::http::resetReasonText(reason)) + ' ';
    }
    void onAboveWriteBufferHighWatermark() override {}
    void onBelowWriteBufferLowWatermark() override {}

    std::string text;
};

/// Counts codec events by their place in the enumeration.
struct EventCounts final : sallyport::http::CodecObserver
{
    void onCodecEvent(sallyport::http::CodecEvent event, int delta) override
    {
        counts[static_cast<std::size_t>(event)] += delta;
    }
    int operator[](sallyport::http::CodecEvent event) const
    {
        return counts[static_cast<std::size_t>(event)];
    }
    int counts[64] = {};
};

inline sallyport::http::HeaderMapPtr requestHeaders(std::string_view method, std::string_view path,
                                                    std::string_view host)
{
    auto headers = sallyport::http::HeaderMap::create(sallyport::http::HeaderMap::Kind::Request);
    headers->set(sallyport::http::Known::Method, method);
    if (!path.empty())
        headers->set(sallyport::http::Known::Path, path);
    headers->set(sallyport::http::Known::Authority, host);
    return headers;
}

inline sallyport::http::HeaderMapPtr responseHeaders(unsigned status)
{
    auto headers = sallyport::http::HeaderMap::create(sallyport::http::HeaderMap::Kind::Response);
    headers->setStatus(status);
    return headers;
}
