#include "support/certificates.hpp"

#include <cstdio>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdexcept>

namespace emporia::support {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

constexpr long kDay = 24L * 60 * 60;

struct Wish {
  std::string name;
  std::vector<std::pair<int, std::string>> extensions;
  long begins = -kDay;
  long ends = 30 * kDay;
};

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("certificate: ") + what);
}

Key make_key() {
  char curve[] = "P-256";
  Key key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve), &EVP_PKEY_free);
  require(key != nullptr, "no key");
  return key;
}

Certificate make_certificate(const Wish& wish, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, int serial) {
  Certificate made(X509_new(), &X509_free);
  X509* const x = made.get();
  constexpr long kVersion3 = 2;
  X509_set_version(x, kVersion3);
  ASN1_INTEGER_set(X509_get_serialNumber(x), serial);
  X509_gmtime_adj(X509_getm_notBefore(x), wish.begins);
  X509_gmtime_adj(X509_getm_notAfter(x), wish.ends);
  X509_set_pubkey(x, key);
  const auto* const name = reinterpret_cast<const unsigned char*>(wish.name.c_str());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8, name, -1, -1, 0);
  X509* const signer = issuer == nullptr ? x : issuer;
  X509_set_issuer_name(x, X509_get_subject_name(signer));
  for (const auto& [nid, value] : wish.extensions) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
    require(extension != nullptr && X509_add_ext(x, extension, -1) == 1, "an extension is wrong");
    X509_EXTENSION_free(extension);
  }
  require(X509_sign(x, issuer_key, EVP_sha256()) > 0, "cannot be signed");
  return made;
}

template <typename Write>
void to_file(const std::string& path, Write write) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  require(file != nullptr, "cannot write a file");
  const bool done = write(file) == 1;
  require(std::fclose(file) == 0 && done, "cannot write a file");
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) {
    const bool address =
        name.find_first_not_of("0123456789.") == std::string::npos || name.find(':') != std::string::npos;
    text += (text.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + name;
  }
  return text;
}

Wish for_server(const std::vector<std::string>& names) {
  Wish wish;
  wish.name = names.front();
  wish.extensions = {{NID_subject_alt_name, alternative_names(names)}, {NID_ext_key_usage, "serverAuth"}};
  return wish;
}

}  // namespace

struct Authority::Keys {
  Key key = make_key();
  Certificate certificate{nullptr, &X509_free};

  Identity issue(const Wish& wish, const TempDir& folder, int serial, bool self_signed = false) {
    const Key own = make_key();
    const Certificate made = self_signed ? make_certificate(wish, own.get(), nullptr, own.get(), serial)
                                         : make_certificate(wish, own.get(), certificate.get(), key.get(), serial);
    const Identity files{folder.file("c" + std::to_string(serial) + ".pem"),
                         folder.file("k" + std::to_string(serial) + ".pem")};
    to_file(files.certificate_file, [&](std::FILE* file) { return PEM_write_X509(file, made.get()); });
    to_file(files.key_file, [&](std::FILE* file) {
      return PEM_write_PrivateKey(file, own.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    return files;
  }
};

Authority::Authority(const std::string& name) : keys_(std::make_unique<Keys>()) {
  Wish wish;
  wish.name = name;
  wish.extensions = {{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,keyCertSign,cRLSign"}};
  keys_->certificate = make_certificate(wish, keys_->key.get(), nullptr, keys_->key.get(), ++issued_);
  certificate_file_ = folder_.file("authority.pem");
  to_file(certificate_file_, [&](std::FILE* file) { return PEM_write_X509(file, keys_->certificate.get()); });
}

Authority::~Authority() = default;

Identity Authority::server(const std::vector<std::string>& names) {
  return keys_->issue(for_server(names), folder_, ++issued_);
}

Identity Authority::expired_server(const std::vector<std::string>& names) {
  Wish wish = for_server(names);
  wish.begins = -3 * kDay;
  wish.ends = -2 * kDay;
  return keys_->issue(wish, folder_, ++issued_);
}

Identity Authority::future_server(const std::vector<std::string>& names) {
  Wish wish = for_server(names);
  wish.begins = 2 * kDay;
  return keys_->issue(wish, folder_, ++issued_);
}

Identity Authority::self_signed_server(const std::vector<std::string>& names) {
  return keys_->issue(for_server(names), folder_, ++issued_, true);
}

Identity Authority::client(const std::string& name) {
  Wish wish;
  wish.name = name;
  wish.extensions = {{NID_ext_key_usage, "clientAuth"}};
  return keys_->issue(wish, folder_, ++issued_);
}

}  // namespace emporia::support
