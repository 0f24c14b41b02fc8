{ list = [ "shared" ]; }
