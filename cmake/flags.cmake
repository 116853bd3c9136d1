# Warnings, hardening, linker and sanitizers: one interface target that every room links.
add_library(postseal_flags INTERFACE)
target_compile_options(postseal_flags INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Werror)

find_program(POSTSEAL_LLD NAMES ld.lld-19 REQUIRED)
target_link_options(postseal_flags INTERFACE --ld-path=${POSTSEAL_LLD} -Wl,-z,relro,-z,now)

if(POSTSEAL_SANITIZE OR POSTSEAL_FUZZ)
  # Recycled frames would hide reads of an ended coroutine's locals from the sanitizers.
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
  add_compile_options(-fno-omit-frame-pointer -g1 -O0)
  if(POSTSEAL_SANITIZE STREQUAL "thread")
    set(sanitizers -fsanitize=thread)
  else()
    set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=undefined)
  endif()
  add_compile_options(${sanitizers})
  add_link_options(${sanitizers})
  if(POSTSEAL_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
else()
  target_compile_definitions(postseal_flags INTERFACE _GLIBCXX_ASSERTIONS $<$<CONFIG:Release,RelWithDebInfo>:_FORTIFY_SOURCE=3>)
  target_compile_options(postseal_flags INTERFACE -fstack-protector-strong -ftrivial-auto-var-init=zero -fstack-clash-protection)
endif()
# The same for libraries and programs, so that tests can share a precompiled header with their room.
target_compile_options(postseal_flags INTERFACE -fPIE)
target_link_options(postseal_flags INTERFACE -pie)

find_program(POSTSEAL_CCACHE ccache)
if(POSTSEAL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without this sloppiness and flag nothing that uses a precompiled header is ever cached.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${POSTSEAL_CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(postseal_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()
