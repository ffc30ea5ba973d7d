// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

// QScintilla's headers use Qt's keywords, which this project switches off.
#ifdef QT_NO_KEYWORDS
#define signals Q_SIGNALS
#define slots Q_SLOTS
#endif

#include <Qsci/qscilexeryaml.h>
#include <Qsci/qsciscintilla.h>

#ifdef QT_NO_KEYWORDS
#undef signals
#undef slots
#endif
