// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/yaml/node.h"

#include <optional>

namespace sallyport::yaml {

/// One `---` document of a file.
struct Document
{
    int index = 0;         ///< among the file's documents that hold anything, from 0
    std::size_t begin = 0; ///< byte range in the file, without the `---` lines
    std::size_t end = 0;
    NodePtr root;               ///< null if it is broken
    std::optional<Error> error; ///< then why, with file, line and column
    /// Keys that one mapping has twice. Reading goes on with the first; kubectl refuses the document.
    std::vector<Error> duplicateKeys;
};

/// The documents of one file. Each is parsed by itself: a broken one leaves the others whole. Empty documents
/// are left out. UTF-8 with or without BOM, LF or CRLF. Byte ranges refer to `text` as given, columns count
/// bytes.
std::vector<Document> parseDocuments(std::string_view text, const std::string &file);

/// The document that stands in a scalar, such as the mesh configuration in `mesh: |`. In a block scalar its
/// places are those of the file, else that of the scalar; byte ranges refer to the scalar's value. Nothing if
/// it is empty.
std::optional<Document> parseEmbedded(const Node &scalar);

} // namespace sallyport::yaml
