package io.turnpike.node.transport.dtls;

import java.io.IOException;
import java.security.SecureRandom;
import org.bouncycastle.jcajce.util.DefaultJcaJceHelper;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.ContentType;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.crypto.TlsCipher;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.TlsDecodeResult;
import org.bouncycastle.tls.crypto.TlsEncodeResult;
import org.bouncycastle.tls.crypto.impl.jcajce.JcaTlsCrypto;

/**
 * The Java runtime's own ciphers, guarded against records that would do harm; such a record is made to look forged, which
 * the library leaves out in silence (RFC 6347 section 4.1.2.7). One that is too short for its cipher would end the
 * association, whoever sent it. One with a fragment of a handshake message would make the library set aside as much memory
 * as the fragment names, up to 16 MiB; plaintext fragments of the kind are refused by {@link HandshakeInbox}. Thread-safe.
 */
final class GuardedCrypto extends JcaTlsCrypto {
    /** More than any message of a client without a certificate needs. */
    static final int MAX_HANDSHAKE_MESSAGE_BYTES = ClientHello.MAX_BYTES;

    GuardedCrypto(SecureRandom random) {
        super(new DefaultJcaJceHelper(), random, random);
    }

    @Override
    public TlsCipher createCipher(TlsCryptoParameters parameters, int encryptionAlgorithm, int macAlgorithm)
            throws IOException {
        return new Guarded(super.createCipher(parameters, encryptionAlgorithm, macAlgorithm));
    }

    private record Guarded(TlsCipher cipher) implements TlsCipher {
        @Override
        public TlsDecodeResult decodeCiphertext(long sequence, short recordType, ProtocolVersion version,
                byte[] ciphertext, int offset, int length) throws IOException {
            TlsDecodeResult decoded = decode(sequence, recordType, version, ciphertext, offset, length);
            if (decoded.contentType == ContentType.handshake
                    && !HandshakeInbox.isBounded(decoded.buf, decoded.off, decoded.len)) {
                throw new TlsFatalAlert(AlertDescription.bad_record_mac);
            }
            return decoded;
        }

        private TlsDecodeResult decode(long sequence, short recordType, ProtocolVersion version, byte[] ciphertext,
                int offset, int length) throws IOException {
            try {
                return cipher.decodeCiphertext(sequence, recordType, version, ciphertext, offset, length);
            } catch (TlsFatalAlert e) {
                throw new TlsFatalAlert(AlertDescription.bad_record_mac, e);
            }
        }

        @Override
        public TlsEncodeResult encodePlaintext(long sequence, short contentType, ProtocolVersion version,
                int headerAllocation, byte[] plaintext, int offset, int length) throws IOException {
            return cipher.encodePlaintext(sequence, contentType, version, headerAllocation, plaintext, offset, length);
        }

        @Override
        public int getCiphertextDecodeLimit(int plaintextLimit) {
            return cipher.getCiphertextDecodeLimit(plaintextLimit);
        }

        @Override
        public int getCiphertextEncodeLimit(int plaintextLimit) {
            return cipher.getCiphertextEncodeLimit(plaintextLimit);
        }

        @Override
        public int getPlaintextDecodeLimit(int ciphertextLimit) {
            return cipher.getPlaintextDecodeLimit(ciphertextLimit);
        }

        @Override
        public int getPlaintextEncodeLimit(int ciphertextLimit) {
            return cipher.getPlaintextEncodeLimit(ciphertextLimit);
        }

        @Override
        public void rekeyDecoder() throws IOException {
            cipher.rekeyDecoder();
        }

        @Override
        public void rekeyEncoder() throws IOException {
            cipher.rekeyEncoder();
        }

        @Override
        public boolean usesOpaqueRecordTypeDecode() {
            return cipher.usesOpaqueRecordTypeDecode();
        }

        @Override
        public boolean usesOpaqueRecordTypeEncode() {
            return cipher.usesOpaqueRecordTypeEncode();
        }
    }
}
