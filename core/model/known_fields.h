// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sallyport::model {

/// What a reader takes a field for.
enum class FieldType {
    Text,
    TextOrNumber,
    Boolean,
    Number,
    TimeSpan, ///< `5s`
    Word,     ///< one of the API's words
    Texts,    ///< a list of texts
    Numbers,  ///< a list of numbers, or names to numbers
    LabelMap, ///< names to texts
    Object,
    Objects, ///< a list of mappings
    Entries, ///< names to mappings
    Kept     ///< known, and without effect here
};

/// A field that can be written.
struct KnownField
{
    std::string name;
    FieldType type = FieldType::Kept;
    std::vector<std::string> words; ///< of a Word, in the API's order
};

/// The fields that the reader of `kind` asks for in the mapping at `path` (`spec.http[0].match[1]`; empty:
/// the object itself), by name. It is the reader itself that is asked, so the list cannot fall behind it.
/// `data.mesh…` leads into the mesh configuration. Empty where nothing is known.
std::vector<KnownField> knownFields(const std::string &apiVersion, const std::string &kind,
                                    std::string_view path);

/// What readers ask for while they read: noted for one path.
struct FieldNotes
{
    std::string path;
    std::vector<KnownField> fields;
};

} // namespace sallyport::model
