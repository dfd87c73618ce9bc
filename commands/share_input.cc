#include "commands/share_input.h"

#include <cctype>

namespace pasig {
namespace {

constexpr std::size_t k_text_characters_max = 255;

}  // namespace

std::string stored_protocol(const std::string& protocol) {
  std::string text = protocol;
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

Allowed protocol_fits(const std::string& protocol) {
  const std::string wanted = stored_protocol(protocol);
  if (wanted == "NFS" || wanted == "CIFS") return {};
  return refuse(Guard::invalid_input,
                "Invalid share protocol provided: '" + protocol +
                    "'. It is either disabled or unsupported. Available protocols: NFS, CIFS");
}

Allowed words_fit(const std::string& name, const std::string& description) {
  PASIG_CHECK(text_fits("the name of a share", name, k_text_characters_max));
  return text_fits("the description of a share", description, k_text_characters_max);
}

Found<const ShareType*> find_type(ReadView& view, const Actor& actor, ShareTypeId id) {
  const ShareType* type = view.share_type(id);
  if (type != nullptr && (type->is_public || is_admin(actor))) return type;
  return refuse(Guard::type_not_found, "Share type " + to_string(id) +
                                           " could not be found. See which there are: "
                                           "pasig type list");
}

}  // namespace pasig
