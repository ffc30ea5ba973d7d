// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/model/known_fields.h"
#include "ui/editor/cursor_field.h"

#include <vector>

namespace sallyport::editor {

/// Something that can be written where the cursor is.
struct Candidate
{
    QString text;   ///< what the list shows and is written in place of what is typed
    QString behind; ///< what is written after it, `: ` or a line break and an indentation
    bool operator==(const Candidate &) const = default;
};

/// What fits at the cursor and begins with what is typed: names of fields that the mapping does not have yet,
/// words of an enum, `true` and `false`. In the order of the API's words, fields by name.
std::vector<Candidate> candidatesAt(const CursorField &field);

/// `DestinationRule · spec.trafficPolicy.tls.mode · one of DISABLE, SIMPLE, … · how the proxy connects`; a
/// field that is not known says so.
QString describe(const CursorField &field);

/// `text`, `one of A, B`, `list of texts`
QString typeWords(const model::KnownField &field);

/// The field that the cursor is in, if the kind has it.
std::optional<model::KnownField> knownFieldAt(const CursorField &field);

} // namespace sallyport::editor
