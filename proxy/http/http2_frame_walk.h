// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sallyport::http {

/// Follows the frames in a client's bytes, in whatever pieces they come: libnghttp2 does not tell of all.
class Http2FrameWalk
{
public:
    struct Head
    {
        std::uint8_t type = 0;
        std::uint8_t flags = 0;
        std::int32_t stream = 0;
    };

    /// The beginning of `bytes` up to the end of one frame at most. `head` is set if a frame's head is
    /// complete with it.
    std::string_view next(std::string_view bytes, std::optional<Head> &head);

private:
    static constexpr std::size_t PrefaceSize = 24;
    static constexpr std::size_t HeadSize = 9;

    std::array<std::uint8_t, HeadSize> m_head{};
    std::size_t m_headSize = 0;
    std::size_t m_payloadLeft = PrefaceSize;
};

} // namespace sallyport::http
