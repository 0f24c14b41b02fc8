#include "CNixLibrary.h"

// Changing a file that is embedded compiles this one anew. One that is new needs its lines here, in both places: a
// test of NixLibrary says so.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const uint8_t modules_age[] = {
#embed "../NixLibrary/modules/age.nix"
};
static const uint8_t modules_default[] = {
#embed "../NixLibrary/modules/default.nix"
};
static const uint8_t modules_evaluate[] = {
#embed "../NixLibrary/modules/evaluate.nix"
};
static const uint8_t modules_machine[] = {
#embed "../NixLibrary/modules/machine.nix"
};
static const uint8_t modules_option[] = {
#embed "../NixLibrary/modules/option.nix"
};
static const uint8_t modules_packages[] = {
#embed "../NixLibrary/modules/packages.nix"
};
static const uint8_t modules_plan[] = {
#embed "../NixLibrary/modules/plan.nix"
};
static const uint8_t modules_restic[] = {
#embed "../NixLibrary/modules/restic.nix"
};
static const uint8_t modules_systemd[] = {
#embed "../NixLibrary/modules/systemd.nix"
};
static const uint8_t modules_unit_types[] = {
#embed "../NixLibrary/modules/unit-types.nix"
};
static const uint8_t nixpkgs_default[] = {
#embed "../NixLibrary/nixpkgs/default.nix"
};
static const uint8_t nixpkgs_lib_asserts[] = {
#embed "../NixLibrary/nixpkgs/lib/asserts.nix"
};
static const uint8_t nixpkgs_lib_attrsets[] = {
#embed "../NixLibrary/nixpkgs/lib/attrsets.nix"
};
static const uint8_t nixpkgs_lib_cli[] = {
#embed "../NixLibrary/nixpkgs/lib/cli.nix"
};
static const uint8_t nixpkgs_lib_customisation[] = {
#embed "../NixLibrary/nixpkgs/lib/customisation.nix"
};
static const uint8_t nixpkgs_lib_debug[] = {
#embed "../NixLibrary/nixpkgs/lib/debug.nix"
};
static const uint8_t nixpkgs_lib_default[] = {
#embed "../NixLibrary/nixpkgs/lib/default.nix"
};
static const uint8_t nixpkgs_lib_filesystem[] = {
#embed "../NixLibrary/nixpkgs/lib/filesystem.nix"
};
static const uint8_t nixpkgs_lib_fixed_points[] = {
#embed "../NixLibrary/nixpkgs/lib/fixed-points.nix"
};
static const uint8_t nixpkgs_lib_generators[] = {
#embed "../NixLibrary/nixpkgs/lib/generators.nix"
};
static const uint8_t nixpkgs_lib_lists[] = {
#embed "../NixLibrary/nixpkgs/lib/lists.nix"
};
static const uint8_t nixpkgs_lib_meta[] = {
#embed "../NixLibrary/nixpkgs/lib/meta.nix"
};
static const uint8_t nixpkgs_lib_path[] = {
#embed "../NixLibrary/nixpkgs/lib/path.nix"
};
static const uint8_t nixpkgs_lib_sources[] = {
#embed "../NixLibrary/nixpkgs/lib/sources.nix"
};
static const uint8_t nixpkgs_lib_strings_with_deps[] = {
#embed "../NixLibrary/nixpkgs/lib/strings-with-deps.nix"
};
static const uint8_t nixpkgs_lib_strings[] = {
#embed "../NixLibrary/nixpkgs/lib/strings.nix"
};
static const uint8_t nixpkgs_lib_trivial[] = {
#embed "../NixLibrary/nixpkgs/lib/trivial.nix"
};
static const uint8_t nixpkgs_lib_versions[] = {
#embed "../NixLibrary/nixpkgs/lib/versions.nix"
};

static const uint8_t nixpkgs_lib_modules[] = {
#embed "../NixLibrary/nixpkgs/lib/modules.nix"
};
static const uint8_t nixpkgs_lib_modules_declarations[] = {
#embed "../NixLibrary/nixpkgs/lib/modules/declarations.nix"
};
static const uint8_t nixpkgs_lib_modules_definitions[] = {
#embed "../NixLibrary/nixpkgs/lib/modules/definitions.nix"
};
static const uint8_t nixpkgs_lib_modules_loading[] = {
#embed "../NixLibrary/nixpkgs/lib/modules/loading.nix"
};
static const uint8_t nixpkgs_lib_modules_renaming[] = {
#embed "../NixLibrary/nixpkgs/lib/modules/renaming.nix"
};
static const uint8_t nixpkgs_lib_modules_sets[] = {
#embed "../NixLibrary/nixpkgs/lib/modules/sets.nix"
};

static const uint8_t nixpkgs_lib_options[] = {
#embed "../NixLibrary/nixpkgs/lib/options.nix"
};

static const uint8_t nixpkgs_lib_types[] = {
#embed "../NixLibrary/nixpkgs/lib/types.nix"
};
static const uint8_t nixpkgs_lib_types_nested[] = {
#embed "../NixLibrary/nixpkgs/lib/types/nested.nix"
};
static const uint8_t nixpkgs_lib_types_plain[] = {
#embed "../NixLibrary/nixpkgs/lib/types/plain.nix"
};
static const uint8_t nixpkgs_lib_types_submodules[] = {
#embed "../NixLibrary/nixpkgs/lib/types/submodules.nix"
};

#define FILE_AT(path, bytes) {path, bytes, sizeof bytes}

static const struct adage_nix_file files[] = {
  FILE_AT("/__modules__/age.nix", modules_age),
  FILE_AT("/__modules__/default.nix", modules_default),
  FILE_AT("/__modules__/evaluate.nix", modules_evaluate),
  FILE_AT("/__modules__/machine.nix", modules_machine),
  FILE_AT("/__modules__/option.nix", modules_option),
  FILE_AT("/__modules__/packages.nix", modules_packages),
  FILE_AT("/__modules__/plan.nix", modules_plan),
  FILE_AT("/__modules__/restic.nix", modules_restic),
  FILE_AT("/__modules__/systemd.nix", modules_systemd),
  FILE_AT("/__modules__/unit-types.nix", modules_unit_types),
  FILE_AT("/__nixpkgs__/default.nix", nixpkgs_default),
  FILE_AT("/__nixpkgs__/lib/asserts.nix", nixpkgs_lib_asserts),
  FILE_AT("/__nixpkgs__/lib/attrsets.nix", nixpkgs_lib_attrsets),
  FILE_AT("/__nixpkgs__/lib/cli.nix", nixpkgs_lib_cli),
  FILE_AT("/__nixpkgs__/lib/customisation.nix", nixpkgs_lib_customisation),
  FILE_AT("/__nixpkgs__/lib/debug.nix", nixpkgs_lib_debug),
  FILE_AT("/__nixpkgs__/lib/default.nix", nixpkgs_lib_default),
  FILE_AT("/__nixpkgs__/lib/filesystem.nix", nixpkgs_lib_filesystem),
  FILE_AT("/__nixpkgs__/lib/fixed-points.nix", nixpkgs_lib_fixed_points),
  FILE_AT("/__nixpkgs__/lib/generators.nix", nixpkgs_lib_generators),
  FILE_AT("/__nixpkgs__/lib/lists.nix", nixpkgs_lib_lists),
  FILE_AT("/__nixpkgs__/lib/meta.nix", nixpkgs_lib_meta),
  FILE_AT("/__nixpkgs__/lib/modules.nix", nixpkgs_lib_modules),
  FILE_AT("/__nixpkgs__/lib/modules/declarations.nix", nixpkgs_lib_modules_declarations),
  FILE_AT("/__nixpkgs__/lib/modules/definitions.nix", nixpkgs_lib_modules_definitions),
  FILE_AT("/__nixpkgs__/lib/modules/loading.nix", nixpkgs_lib_modules_loading),
  FILE_AT("/__nixpkgs__/lib/modules/renaming.nix", nixpkgs_lib_modules_renaming),
  FILE_AT("/__nixpkgs__/lib/modules/sets.nix", nixpkgs_lib_modules_sets),
  FILE_AT("/__nixpkgs__/lib/options.nix", nixpkgs_lib_options),
  FILE_AT("/__nixpkgs__/lib/path.nix", nixpkgs_lib_path),
  FILE_AT("/__nixpkgs__/lib/sources.nix", nixpkgs_lib_sources),
  FILE_AT("/__nixpkgs__/lib/strings-with-deps.nix", nixpkgs_lib_strings_with_deps),
  FILE_AT("/__nixpkgs__/lib/strings.nix", nixpkgs_lib_strings),
  FILE_AT("/__nixpkgs__/lib/trivial.nix", nixpkgs_lib_trivial),
  FILE_AT("/__nixpkgs__/lib/types.nix", nixpkgs_lib_types),
  FILE_AT("/__nixpkgs__/lib/types/nested.nix", nixpkgs_lib_types_nested),
  FILE_AT("/__nixpkgs__/lib/types/plain.nix", nixpkgs_lib_types_plain),
  FILE_AT("/__nixpkgs__/lib/types/submodules.nix", nixpkgs_lib_types_submodules),
  FILE_AT("/__nixpkgs__/lib/versions.nix", nixpkgs_lib_versions),
};

const struct adage_nix_file *adage_nix_files(size_t *count) {
  *count = sizeof files / sizeof files[0];
  return files;
}
