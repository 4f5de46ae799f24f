# Writes the commit that is being built into a header, run at every build: cmake -DSOURCE=... -DHEADER=... -P commit.cmake.
# The header changes only when the commit does, so that nothing is compiled again without need.
execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
                OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit unknown)
endif()
set(text "#pragma once\n\nnamespace emporia::app {\n\ninline constexpr const char* kCommit = \"${commit}\";\n\n}  // namespace emporia::app\n")
set(before "")
if(EXISTS ${HEADER})
  file(READ ${HEADER} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${HEADER} "${text}")
endif()
