package io.cairn.images.registry;

import io.vavr.Tuple2;
import io.vavr.collection.Vector;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** Makes the TLS context that a host's {@link Tls} asks for. */
final class TlsContexts {
    private static final int MAX_PEM_BYTES = 4 << 20;
    private static final Pattern PEM = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----\\s+([A-Za-z0-9+/=\\s]+?)-----END \\1-----");
    private static final char[] NO_PASSWORD = new char[0];

    private TlsContexts() {}

    /** @throws IOException when a file cannot be read or holds no such thing; the message names it */
    static SSLContext of(Tls tls) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManager[] trust = tls.skipVerify() ? new TrustManager[] {new TrustAll()} : trust(tls.authorities());
            context.init(keys(tls.clientPairs()), trust, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("Expected certificates that a TLS context can be made of, but " + e.getMessage(), e);
        }
    }

    /** The machine's authorities, and those given. */
    private static TrustManager[] trust(Vector<Path> authorities) throws IOException, GeneralSecurityException {
        if (authorities.isEmpty()) {
            return null;
        }
        KeyStore store = emptyStore();
        var system = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        system.init((KeyStore) null);
        int count = 0;
        for (TrustManager manager : system.getTrustManagers()) {
            if (manager instanceof X509TrustManager x509) {
                for (X509Certificate certificate : x509.getAcceptedIssuers()) {
                    store.setCertificateEntry("ca-" + count++, certificate);
                }
            }
        }
        for (Path file : authorities) {
            for (Certificate certificate : certificates(file)) {
                store.setCertificateEntry("ca-" + count++, certificate);
            }
        }
        var all = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        all.init(store);
        return all.getTrustManagers();
    }

    private static KeyManager[] keys(Vector<Tuple2<Path, Path>> pairs) throws IOException, GeneralSecurityException {
        if (pairs.isEmpty()) {
            return null;
        }
        KeyStore store = emptyStore();
        int count = 0;
        for (Tuple2<Path, Path> pair : pairs) {
            Certificate[] chain = certificates(pair._1).toArray(Certificate[]::new);
            store.setKeyEntry("client-" + count++, privateKey(pair._2, chain[0].getPublicKey()), NO_PASSWORD, chain);
        }
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, NO_PASSWORD);
        return factory.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static List<Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        var factory = CertificateFactory.getInstance("X.509");
        var found = new ArrayList<Certificate>();
        Matcher pem = PEM.matcher(read(file));
        while (pem.find()) {
            if (pem.group(1).endsWith("CERTIFICATE")) {
                found.add(factory.generateCertificate(new ByteArrayInputStream(decoded(pem, file))));
            }
        }
        if (found.isEmpty()) {
            throw new IOException("Expected a PEM certificate in " + file + ", but found none");
        }
        return found;
    }

    private static PrivateKey privateKey(Path file, PublicKey publicKey) throws IOException, GeneralSecurityException {
        Matcher pem = PEM.matcher(read(file));
        while (pem.find()) {
            byte[] content = decoded(pem, file);
            byte[] pkcs8 = switch (pem.group(1)) {
                case "PRIVATE KEY" -> content;
                case "RSA PRIVATE KEY", "EC PRIVATE KEY" -> pkcs8(content, publicKey);
                case String other -> new byte[0];
            };
            if (pkcs8.length > 0) {
                try {
                    return KeyFactory.getInstance(publicKey.getAlgorithm()).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
                } catch (InvalidKeySpecException e) {
                    throw new IOException("Expected the " + publicKey.getAlgorithm() + " key of the certificate in " + file
                            + ", but it does not fit", e);
                }
            }
        }
        throw new IOException("Expected an unencrypted PEM private key in " + file + ", but found none");
    }

    /**
     * Puts a PKCS#1 (RFC 8017) or SEC 1 (RFC 5915) key into the one form the JDK reads: a sequence of version 0, the
     * algorithm, and the key (RFC 5958). The algorithm is the one the public key starts with (RFC 5280, SubjectPublicKeyInfo).
     */
    private static byte[] pkcs8(byte[] key, PublicKey publicKey) {
        byte[] info = publicKey.getEncoded();
        int start = derContent(info, 0);
        int end = derContent(info, start) + derLength(info, start);
        byte[] algorithm = Arrays.copyOfRange(info, start, end);
        return der(0x30, new byte[] {2, 1, 0}, algorithm, der(0x04, key));
    }

    private static int derContent(byte[] der, int at) {
        return at + 2 + (der[at + 1] < 0 ? der[at + 1] & 0x7f : 0);
    }

    private static int derLength(byte[] der, int at) {
        if (der[at + 1] >= 0) {
            return der[at + 1];
        }
        int length = 0;
        for (int i = at + 2; i < derContent(der, at); i++) {
            length = length << 8 | Byte.toUnsignedInt(der[i]);
        }
        return length;
    }

    private static byte[] der(int tag, byte[]... parts) {
        var content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        var whole = new ByteArrayOutputStream();
        whole.write(tag);
        whole.write(0x83);
        whole.write(content.size() >> 16);
        whole.write(content.size() >> 8);
        whole.write(content.size());
        whole.writeBytes(content.toByteArray());
        return whole.toByteArray();
    }

    private static byte[] decoded(Matcher pem, Path file) throws IOException {
        try {
            return Base64.getMimeDecoder().decode(pem.group(2));
        } catch (IllegalArgumentException e) {
            throw new IOException("Expected base64 inside the PEM block of " + file + ", but it is not", e);
        }
    }

    private static String read(Path file) throws IOException {
        if (Files.size(file) > MAX_PEM_BYTES) {
            throw new IOException("Expected at most %d bytes of PEM in %s, but it has %d".formatted(MAX_PEM_BYTES, file, Files.size(file)));
        }
        return Files.readString(file, StandardCharsets.US_ASCII);
    }

    /** The extended form: the JDK then leaves the check of the host name to it as well. */
    private static final class TrustAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
