# Man pages from docs/man/*.scd, where scdoc is installed.
find_program(POSTSEAL_SCDOC scdoc)
if(POSTSEAL_SCDOC)
  file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/man/*.scd)
  foreach(page IN LISTS pages)
    get_filename_component(name ${page} NAME_WLE)
    add_custom_command(OUTPUT man/${name} DEPENDS ${page}
                       COMMAND ${CMAKE_COMMAND} -E make_directory man
                       COMMAND sh -c "${POSTSEAL_SCDOC} < ${page} > man/${name}" VERBATIM)
    list(APPEND manual man/${name})
  endforeach()
  add_custom_target(man ALL DEPENDS ${manual})
endif()
