#include "simulator/certificate.hpp"

#include <fcntl.h>
#include <fstream>
#include <memory>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <sstream>
#include <stdexcept>
#include <unistd.h>

namespace simulator {
namespace {

struct Free {
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
  void operator()(BIO* x) const { BIO_free(x); }
  void operator()(X509_EXTENSION* x) const { X509_EXTENSION_free(x); }
};
using Certificate = std::unique_ptr<X509, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

void require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("cannot make a certificate: ") + what);
}

Key make_key() {
  Key key(EVP_EC_gen("P-256"));
  require(key != nullptr, "no key");
  return key;
}

void add_extension(X509& certificate, X509& issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, Free> extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  require(extension && X509_add_ext(&certificate, extension.get(), -1) == 1, value);
}

Certificate draft(const char* common_name, EVP_PKEY& key) {
  Certificate certificate(X509_new());
  require(certificate != nullptr, "no memory");
  unsigned char serial[8];
  require(RAND_bytes(serial, sizeof serial) == 1, "no randomness");
  std::uint64_t number = 0;
  for (const unsigned char byte : serial) number = number << 8 | byte;
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), number >> 1);
  X509_set_version(certificate.get(), 2);
  // A day back, for clients whose clock is behind.
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3650L * 86400);
  X509_set_pubkey(certificate.get(), &key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  return certificate;
}

void sign(X509& certificate, X509& issuer, EVP_PKEY& key) {
  X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer));
  require(X509_sign(&certificate, &key, EVP_sha256()) > 0, "not signed");
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long length = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(length)};
}

std::string pem(X509& certificate) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_X509(bio.get(), &certificate) == 1, "no text");
  return text_of(bio.get());
}

std::string pem(EVP_PKEY& key) {
  const std::unique_ptr<BIO, Free> bio(BIO_new(BIO_s_mem()));
  require(PEM_write_bio_PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) == 1, "no text");
  return text_of(bio.get());
}

void write_file(const std::string& path, const std::string& text, mode_t mode) {
  unlink(path.c_str());
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  const bool written = file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (file >= 0) close(file);
  if (!written) throw std::runtime_error("cannot write " + path + "; give a --certificate-dir that exists");
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || text.str().find("-----BEGIN") == std::string::npos) {
    throw std::runtime_error(path + " is not a PEM file that can be read");
  }
  return text.str();
}

}  // namespace

Identity make_identity(const std::string& directory) {
  const Key ca_key = make_key();
  const Certificate ca = draft("Simulated Partner Authority", *ca_key);
  add_extension(*ca, *ca, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(*ca, *ca, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(*ca, *ca, NID_subject_key_identifier, "hash");
  sign(*ca, *ca, *ca_key);
  const Key key = make_key();
  const Certificate server = draft("partner.emporiaenergy.com", *key);
  add_extension(*server, *ca, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(*server, *ca, NID_key_usage, "critical,digitalSignature");
  add_extension(*server, *ca, NID_ext_key_usage, "serverAuth");
  add_extension(*server, *ca, NID_subject_alt_name, "DNS:localhost,DNS:partner.emporiaenergy.com,IP:127.0.0.1");
  add_extension(*server, *ca, NID_authority_key_identifier, "keyid");
  sign(*server, *ca, *ca_key);
  const Identity identity{directory + "/ca.pem", pem(*server), pem(*key)};
  write_file(identity.ca_file, pem(*ca), 0644);
  write_file(directory + "/server.pem", identity.certificate_pem, 0644);
  write_file(directory + "/server-key.pem", identity.key_pem, 0600);
  return identity;
}

Identity load_identity(const std::string& certificate_file, const std::string& key_file) {
  return {certificate_file, read_file(certificate_file), read_file(key_file)};
}

}  // namespace simulator
