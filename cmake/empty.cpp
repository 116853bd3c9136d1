// The target of a shared precompiled header needs a file.
