// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <openssl/types.h>

namespace sallyport::net {

/// The OpenSSL library context of the data path: the algorithms of OpenSSL's own default provider that a
/// gateway's TLS uses, and no others.
///
/// OpenSSL 3 finds the decoder for a certificate's public key by comparing every decoder with every key type
/// that its providers know, at each certificate. With the default provider that is a third of a mutual TLS
/// handshake; among a handful it is little. What is left out is what BoringSSL does not know either.
///
/// Null (OpenSSL's default context) where the default provider cannot be loaded. Any thread; but OpenSSL 3.0
/// fills the list of its default provider's algorithms without a lock when a process first loads it, and a
/// thread that loads it at the same moment sees a part of them ("no cipher match"). So the first call is made
/// while no other thread uses OpenSSL.
OSSL_LIB_CTX *tlsLibrary();

/// Makes it what OpenSSL uses on the calling thread when it is told no context, as when it reads the
/// certificate inside a session ticket. For threads that serve connections: private keys cannot be read
/// there.
void useTlsLibraryOnThisThread();

/// Gives back what OpenSSL keeps for the calling thread. As the last act of such a thread: when it would be
/// given back by the thread's own end, the process may be ending too, and OpenSSL's cleanup of all threads
/// gives it back a second time.
void leaveTlsLibraryOnThisThread();

} // namespace sallyport::net
