# What `cpack -G DEB` makes of a build: one package. Included by the top CMakeLists.txt.
include(GNUInstallDirs)
set(doc_dir ${CMAKE_INSTALL_DATAROOTDIR}/doc/emporia2mqtt)
set(debian_dir ${CMAKE_CURRENT_LIST_DIR})
set(made_dir ${PROJECT_BINARY_DIR}/debian)
file(MAKE_DIRECTORY ${made_dir})

# Debian wants man pages and changelogs compressed, and the same input to give the same bytes.
add_custom_target(compress)
function(install_compressed source name destination)
  add_custom_command(OUTPUT ${made_dir}/${name}.gz
    COMMAND gzip -9nc ${source} > ${made_dir}/${name}.gz DEPENDS ${source} VERBATIM)
  add_custom_target(compress_${name} ALL DEPENDS ${made_dir}/${name}.gz)
  add_dependencies(compress compress_${name})
  install(FILES ${made_dir}/${name}.gz DESTINATION ${destination})
endfunction()

install(TARGETS emporia2mqtt RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${PROJECT_SOURCE_DIR}/deploy/systemd/emporia2mqtt.service DESTINATION /lib/systemd/system)
install(FILES ${debian_dir}/copyright DESTINATION ${doc_dir})
install(FILES ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${doc_dir})
if(STATIC_GRPC)
  # What is linked in comes with its authors' terms.
  foreach(linked IN ITEMS libgrpc-dev libabsl-dev libprotobuf-dev libre2-dev libc-ares-dev)
    install(FILES ${CMAKE_SYSROOT}/usr/share/doc/${linked}/copyright DESTINATION ${doc_dir} RENAME copyright.${linked})
  endforeach()
endif()
install(DIRECTORY DESTINATION /etc/credstore DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE)
install(FILES ${PROJECT_SOURCE_DIR}/config/emporia2mqtt.toml DESTINATION /etc/emporia2mqtt
  PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ)
install(FILES ${debian_dir}/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/lintian/overrides
  RENAME emporia2mqtt)
install_compressed(${debian_dir}/changelog changelog ${doc_dir})
if(EXISTS ${PROJECT_SOURCE_DIR}/deploy/man/emporia2mqtt.1)
  install_compressed(${PROJECT_SOURCE_DIR}/deploy/man/emporia2mqtt.1 emporia2mqtt.1 ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${PROJECT_SOURCE_DIR}/deploy/completion/emporia2mqtt
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions)
endif()

file(READ ${debian_dir}/description description)
# An empty line at its end would end the control record.
string(STRIP "${description}" description)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME emporia2mqtt)
set(CPACK_PACKAGE_VENDOR emporia2mqtt)
set(CPACK_PACKAGE_CONTACT "emporia2mqtt maintainers <emporia2mqtt@packages.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
# Each release of Debian has its own libraries and so its own package, the newer one's being the higher version.
file(STRINGS /etc/os-release release REGEX "^VERSION_ID=")
string(REGEX REPLACE "[^0-9]" "" release "${release}")
set(CPACK_DEBIAN_PACKAGE_VERSION ${PROJECT_VERSION}+deb${release})
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION ${description})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# A cross build cannot ask dpkg which packages hold the foreign libraries: deploy/debian/build tells.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates, tzdata")
if(E2M_LIBRARY_PACKAGES)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS OFF)
  string(PREPEND CPACK_DEBIAN_PACKAGE_DEPENDS "${E2M_LIBRARY_PACKAGES}, ")
endif()
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "mosquitto, mosquitto-clients")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  "${debian_dir}/conffiles;${debian_dir}/postinst;${debian_dir}/prerm;${debian_dir}/postrm")
include(CPack)
