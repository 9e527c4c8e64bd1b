/**
 * TLS under the stream listeners: certificates and their reload, the contexts of both providers, the ClientHello that
 * decides who is asked for, and the bounds of handshakes. The DTLS listener shares the certificates.
 */
package io.turnpike.node.transport.tls;
