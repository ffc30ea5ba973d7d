// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/colors.h"

namespace sallyport::theme {

namespace {

struct Pair
{
    QRgb dark;
    QRgb light;
};

Pair valuesOf(Role role)
{
    switch (role) {
    case Role::Window:
        return {0xff101317, 0xffe9ecf0};
    case Role::Panel:
        return {0xff1a1e23, 0xffffffff};
    case Role::Canvas:
        return {0xff13161a, 0xfff3f5f8};
    case Role::Card:
        return {0xff22272e, 0xffffffff};
    case Role::Raised:
        return {0xff2b313a, 0xffeceff3};
    case Role::Line:
        return {0xff323943, 0xffd5dae1};
    case Role::Text:
        return {0xffe7eaee, 0xff1a1d22};
    case Role::TextMuted:
        return {0xffa9b2bd, 0xff535b66};
    case Role::TextFaint:
        return {0xff99a2ae, 0xff5c646f};
    case Role::Accent:
        return {0xff4c9aff, 0xff1c64d8};
    case Role::AccentText:
        return {0xff07121f, 0xffffffff};
    case Role::SelectionFill:
        return {0xff23344f, 0xffdce8fc};
    case Role::Good:
        return {0xff45c295, 0xff12724f};
    case Role::Warning:
        return {0xfff2ab3c, 0xff8f5600};
    case Role::Bad:
        return {0xfff5727d, 0xffbb2031};
    case Role::MeshMtls:
        return {0xff82a8ff, 0xff2c52c4};
    case Role::Mtls:
        return {0xff45c295, 0xff12724f};
    case Role::Plaintext:
        return {0xfff2ab3c, 0xff8f5600};
    }
    return {0xffff00ff, 0xffff00ff};
}

} // namespace

QColor colorOf(Role role, bool dark)
{
    const Pair pair = valuesOf(role);
    return QColor::fromRgb(dark ? pair.dark : pair.light);
}

} // namespace sallyport::theme
